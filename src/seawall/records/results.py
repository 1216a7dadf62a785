"""Results: what scans find. Findings are about accounts; the others about groups, tags and targets, and about no
person. Each scan replaces the last one's, and they go when facts that they were made from expire."""

from __future__ import annotations

import pyarrow as pa

from seawall.records.campaigns import CAMPAIGNS
from seawall.records.findings import FINDINGS
from seawall.records.floods import FLOODS
from seawall.records.network import NETWORK
from seawall.records.support import SUPPORT

RESULTS: dict[str, pa.Schema] = {
    "findings": FINDINGS,
    "campaigns": CAMPAIGNS,
    "floods": FLOODS,
    "floods_live": FLOODS,  # raised while posts come, until a scan has looked at them
    "network": NETWORK,
    "support": SUPPORT,
}
