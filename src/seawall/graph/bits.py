"""What numba does not know of the machine: how many bits of a number are set, and asking for memory ahead."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import types
from numba.extending import intrinsic

_FETCH, _BYTE, _WORD = "llvm.prefetch.p0i8", ir.IntType(8).as_pointer(), ir.IntType(32)


@intrinsic
def ones(_typing: Any, word: Any) -> Any:  # noqa: ARG001 - numba names it
    """How many bits of a 64-bit number are set."""

    def code(_context: Any, builder: Any, _signature: Any, given: Any) -> Any:
        return builder.ctpop(given[0])

    return types.int64(types.uint64), code


@intrinsic
def fetch(_typing: Any, table: Any, i: Any) -> Any:  # noqa: ARG001 - numba names it
    """Ask the cache for element i of a flat table; nothing checks the bounds."""

    def code(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        kind = ir.FunctionType(ir.VoidType(), [_BYTE, _WORD, _WORD, _WORD])
        prefetch = builder.module.globals.get(_FETCH) or ir.Function(builder.module, kind, _FETCH)
        data = context.make_array(signature.args[0])(context, builder, given[0]).data
        where = builder.bitcast(builder.gep(data, [given[1]]), _BYTE)
        builder.call(prefetch, [where, ir.Constant(_WORD, 0), ir.Constant(_WORD, 3), ir.Constant(_WORD, 1)])
        return context.get_dummy_value()

    return types.void(table, types.int64), code
