"""What LLVM does not do by itself with tables that are read in any order: asking for what is read soon, and adding
eight numbers at once.

`fetch` asks the cache for number i before it is read, `fetch_row` for row i of a table of eight float32; `add_row` adds
such a row to a sum. A loop over short rows waits for each number it reads, for the processor guesses wrong where a row
ends and looks no further.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

from seawall.graph.compiled import Array

WIDTH = 8
_LINE = 64  # bytes
_FETCH = "llvm.prefetch.p0i8"
_ROW = ir.VectorType(ir.FloatType(), WIDTH)


def row_table(rows: int) -> Array:
    """An empty table of so many rows of eight, none of which stands in two lines of the cache."""
    room = np.empty(rows * WIDTH + _LINE // 4, np.float32)
    first = (-room.ctypes.data % _LINE) // 4
    return room[first : first + rows * WIDTH].reshape(rows, WIDTH)


def _at(context: Any, builder: Any, kind: Any, table: Any, i: Any) -> Any:
    return builder.gep(context.make_array(kind)(context, builder, table).data, [i])


def _row(context: Any, builder: Any, kind: Any, table: Any, i: Any) -> Any:
    return _at(context, builder, kind, table, builder.mul(i, ir.Constant(ir.IntType(64), WIDTH)))


def _ask(builder: Any, where: Any) -> None:
    byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
    kind = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
    prefetch = builder.module.globals.get(_FETCH) or ir.Function(builder.module, kind, _FETCH)
    builder.call(
        prefetch, [builder.bitcast(where, byte), ir.Constant(word, 0), ir.Constant(word, 3), ir.Constant(word, 1)]
    )


@intrinsic
def add_row(_typing: Any, total: Any, table: Any, i: Any) -> Any:  # noqa: ARG001 - numba names it
    """total[:8] += table[8 * i : 8 * i + 8], over flat float32 arrays; nothing checks the bounds."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        one = builder.bitcast(_row(context, builder, signature.args[1], given[1], given[2]), _ROW.as_pointer())
        sum_at = context.make_array(signature.args[0])(context, builder, given[0]).data
        both = builder.bitcast(sum_at, _ROW.as_pointer())
        builder.store(builder.fadd(builder.load(both, align=4), builder.load(one, align=4)), both, align=4)
        return context.get_dummy_value()

    return types.void(total, table, types.int64), code


@intrinsic
def fetch_row(_typing: Any, table: Any, i: Any) -> Any:  # noqa: ARG001 - numba names it
    """Ask the cache for row i of a flat float32 table."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        _ask(builder, _row(context, builder, signature.args[0], given[0], given[1]))
        return context.get_dummy_value()

    return types.void(table, types.int64), code


@intrinsic
def fetch(_typing: Any, table: Any, i: Any) -> Any:  # noqa: ARG001 - numba names it
    """Ask the cache for number i of a flat array."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        _ask(builder, _at(context, builder, signature.args[0], given[0], given[1]))
        return context.get_dummy_value()

    return types.void(table, types.int64), code
