"""Known methods over graphs in plain Python, as one would write them down: what kernels are held against."""

from __future__ import annotations

import heapq
import random
from collections import deque
from collections.abc import Iterable

Neighbours = dict[int, set[int]]
Weighted = dict[int, dict[int, float]]


def plain_degree(whole: Neighbours) -> list[int]:
    """Adaptive degree over a dict of sets, with a lazy heap."""
    near = {v: set(its) for v, its in whole.items()}
    heap = [(-len(its), v) for v, its in near.items()]
    heapq.heapify(heap)
    order = []
    while heap:
        less, v = heapq.heappop(heap)
        if v not in near:
            continue
        if -less != len(near[v]):
            heapq.heappush(heap, (-len(near[v]), v))
            continue
        order.append(v)
        for u in near.pop(v):
            near[u].discard(v)
    return order


def plain_core(whole: Neighbours) -> list[int]:
    """CoreHD over dicts of sets: the 2-core kept up to date, a lazy heap, then adaptive degree."""
    near, core = {v: set(its) for v, its in whole.items()}, {v: set(its) for v, its in whole.items()}

    def peel(loose: list[int]) -> None:
        while loose:
            v = loose.pop()
            if v in core and len(core[v]) < 2:
                for u in core.pop(v):
                    core[u].discard(v)
                    loose.append(u)

    peel(list(core))
    heap = [(-len(its), v) for v, its in core.items()]
    heapq.heapify(heap)
    order = []
    while heap:
        less, v = heapq.heappop(heap)
        if v not in core:
            continue
        if -less != len(core[v]):
            heapq.heappush(heap, (-len(core[v]), v))
            continue
        order.append(v)
        for u in near.pop(v):
            near[u].discard(v)
        its = core.pop(v)
        for u in its:
            core[u].discard(v)
        peel(list(its))
    return order + plain_degree(near)


def plain_influence(whole: Neighbours) -> list[int]:
    """CI(2) over a dict of sets: after each removal only nodes within three steps are asked again."""
    near = {v: set(its) for v, its in whole.items()}

    def influence(v: int) -> int:
        if len(near[v]) < 2:
            return 0
        two = set().union(*(near[u] for u in near[v])) - near[v] - {v}
        return (len(near[v]) - 1) * sum(len(near[u]) - 1 for u in two)

    now = {v: influence(v) for v in near}
    heap = [(-now[v], v) for v in near]
    heapq.heapify(heap)
    order = []
    while heap:
        less, v = heapq.heappop(heap)
        if v not in near or -less != now[v]:
            continue
        order.append(v)
        ball, edge = {v}, {v}
        for _ in range(3):
            edge = set().union(*(near[u] for u in edge)) - ball if edge else set()
            ball |= edge
        for u in near.pop(v):
            near[u].discard(v)
        for u in ball - {v}:
            value = influence(u)
            if value != now[u]:
                now[u] = value
                heapq.heappush(heap, (-value, u))
    return order


def plain_back(near: Neighbours, order: list[int], cut: int) -> list[int]:
    """Nodes put back in where they join least, over a dict of sets."""
    parent: dict[int, int] = {}
    size: dict[int, int] = {}

    def find(v: int) -> int:
        while parent[v] != v:
            parent[v] = parent[parent[v]]
            v = parent[v]
        return v

    def join(v: int) -> None:
        parent[v], size[v] = v, 1
        for u in near[v]:
            if u in parent and (a := find(u)) != (b := find(v)):
                parent[a] = b
                size[b] += size[a]

    for v in order[cut:]:
        join(v)
    heap = [(0, v) for v in order[:cut]]
    new: list[int] = []
    while heap:
        _, v = heapq.heappop(heap)
        would = 1 + sum(size[root] for root in {find(u) for u in near[v] if u in parent})
        if heap and would > heap[0][0]:
            heapq.heappush(heap, (would, v))
            continue
        join(v)
        new.append(v)
    return new[::-1] + order[cut:]


def plain_load(near: Neighbours, order: list[int], pivots: int, at_once: int, share: float) -> list[int]:
    """Always the nodes that most shortest paths from a few drawn nodes go through (Brandes 2001), within the largest
    component; once that is small, the order as it was."""
    draw, left = random.Random(0), set(near)
    new: list[int] = []
    while True:
        members = _largest_part(near, left)
        if len(members) <= max(2.0, share * len(near)):
            return new + [v for v in order if v in left]
        total = dict.fromkeys(members, 0.0)
        for _ in range(pivots):
            _plain_load_from(near, left, draw.choice(members), total)
        best = sorted(members, key=lambda v: -total[v])[:at_once]
        new += best
        left.difference_update(best)


def _largest_part(near: Neighbours, left: set[int]) -> list[int]:
    seen: set[int] = set()
    most: list[int] = []
    for v in left:
        if v in seen:
            continue
        part = [v]
        seen.add(v)
        for at in part:
            for u in near[at]:
                if u in left and u not in seen:
                    seen.add(u)
                    part.append(u)
        most = max(most, part, key=len)
    return most


def _plain_load_from(near: Neighbours, left: set[int], begin: int, total: dict[int, float]) -> None:
    depth, paths, way = {begin: 0}, {begin: 1.0}, [begin]
    for at in way:
        for u in near[at]:
            if u in left:
                if u not in depth:
                    depth[u], paths[u] = depth[at] + 1, 0.0
                    way.append(u)
                if depth[u] == depth[at] + 1:
                    paths[u] += paths[at]
    load = dict.fromkeys(way, 0.0)
    for at in way[:0:-1]:
        for u in near[at]:
            if u in left and depth[u] == depth[at] - 1:
                load[u] += paths[u] / paths[at] * (1.0 + load[at])
        total[at] += load[at]


def plain_communities(near: Neighbours, patience: int, seed: int = 0) -> dict[int, int]:
    """Leiden over dicts: nodes move while one gains, are refined, and parts become nodes."""
    draw = random.Random(seed)
    whole: Weighted = {v: dict.fromkeys(its, 1.0) for v, its in near.items()}
    labels = best = {v: v for v in near}
    most, left = -1.0, patience
    while left:
        labels = _plain_round(whole, dict(labels), draw)
        value = _plain_modularity(whole, labels)
        if value > most + 1e-9:
            best, most, left = labels, value, patience
        else:
            left -= 1
    return best


def _plain_modularity(near: Weighted, labels: dict[int, int]) -> float:
    twice = sum(sum(its.values()) for its in near.values())
    within, totals = 0.0, dict.fromkeys(labels.values(), 0.0)
    for v, its in near.items():
        within += sum(w for u, w in its.items() if labels[u] == labels[v])
        totals[labels[v]] += sum(its.values())
    return within / twice - sum((total / twice) ** 2 for total in totals.values())


def _plain_round(near: Weighted, labels: dict[int, int], draw: random.Random) -> dict[int, int]:
    node_of = {v: v for v in near}
    while True:
        strength = {v: sum(its.values()) for v, its in near.items()}
        twice = sum(strength.values())
        order = list(near)
        draw.shuffle(order)
        _plain_move(near, strength, twice, labels, order)
        part = _plain_refine(near, strength, twice, labels, order)
        if len(set(part.values())) == len(near):
            return {v: labels[at] for v, at in node_of.items()}
        joined: Weighted = {p: {} for p in part.values()}
        for v, its in near.items():
            mine = joined[part[v]]
            for u, w in its.items():
                mine[part[u]] = mine.get(part[u], 0.0) + w
        labels = {part[v]: label for v, label in labels.items()}
        node_of = {v: part[at] for v, at in node_of.items()}
        near = joined


def _ties(near: Weighted, v: int, group: dict[int, int], among: Iterable[int]) -> dict[int, float]:
    to: dict[int, float] = {}
    for u in among:
        if u != v:
            to[group[u]] = to.get(group[u], 0.0) + near[v][u]
    return to


def _plain_move(
    near: Weighted, strength: dict[int, float], twice: float, labels: dict[int, int], order: list[int]
) -> None:
    totals, members = dict.fromkeys(near, 0.0), dict.fromkeys(near, 0)
    for v, label in labels.items():
        totals[label] = totals.get(label, 0.0) + strength[v]
        members[label] = members.get(label, 0) + 1
    free = [label for label, count in members.items() if not count]
    queue, waits = deque(order), set(order)
    while queue:
        v = queue.popleft()
        waits.discard(v)
        mine, pull = labels[v], strength[v] / twice
        totals[mine] -= strength[v]
        to = _ties(near, v, labels, near[v])
        best, most = mine, to.get(mine, 0.0) - pull * totals[mine]
        for label, weight in to.items():
            gain = weight - pull * totals[label]
            if gain > most + 1e-12:
                best, most = label, gain
        if most < -1e-12 and free:
            best = free[-1]
        totals[best] += strength[v]
        if best == mine:
            continue
        if not members[best]:
            free.pop()
        members[best] += 1
        members[mine] -= 1
        if not members[mine]:
            free.append(mine)
        labels[v] = best
        for u in near[v]:
            if u not in waits and labels[u] != best:
                waits.add(u)
                queue.append(u)


def _plain_refine(
    near: Weighted, strength: dict[int, float], twice: float, labels: dict[int, int], order: list[int]
) -> dict[int, int]:
    part, alone, totals = {v: v for v in near}, set(near), dict(strength)
    whole: dict[int, float] = {}
    for v, label in labels.items():
        whole[label] = whole.get(label, 0.0) + strength[v]
    bound = {v: sum(w for u, w in its.items() if u != v and labels[u] == labels[v]) for v, its in near.items()}
    for v in order:
        all_of = whole[labels[v]]
        if v not in alone or bound[v] < strength[v] / twice * (all_of - strength[v]):
            continue
        best, most, to = -1, 0.0, _ties(near, v, part, (u for u in near[v] if labels[u] == labels[v]))
        for its, weight in to.items():
            gain = weight - strength[v] / twice * totals[its]
            if gain > most and bound[its] >= totals[its] / twice * (all_of - totals[its]):
                best, most = its, gain
        if best >= 0:
            bound[best] += bound[v] - 2.0 * to[best]
            totals[best] += strength[v]
            totals[v] = 0.0
            part[v] = best
            alone -= {v, best}
    return part
