"""Eight numbers at once: what LLVM does not do by itself with rows of a table that are read in any order.

`add_row` adds row i of a table of eight float32 to a sum; `fetch_row` asks the cache for a row before it is read.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

WIDTH = 8
_FETCH = "llvm.prefetch.p0i8"
_ROW = ir.VectorType(ir.FloatType(), WIDTH)


def _row(context: Any, builder: Any, kind: Any, table: Any, i: Any) -> Any:
    data = context.make_array(kind)(context, builder, table).data
    return builder.gep(data, [builder.mul(i, ir.Constant(ir.IntType(64), WIDTH))])


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
        byte, word = ir.IntType(8).as_pointer(), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte, word, word, word])
        prefetch = builder.module.globals.get(_FETCH) or ir.Function(builder.module, kind, _FETCH)
        where = builder.bitcast(_row(context, builder, signature.args[0], given[0], given[1]), byte)
        builder.call(prefetch, [where, ir.Constant(word, 0), ir.Constant(word, 3), ir.Constant(word, 1)])
        return context.get_dummy_value()

    return types.void(table, types.int64), code
