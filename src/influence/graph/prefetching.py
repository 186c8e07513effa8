"""Asking for memory before it is needed: a line of the cache is on its way while the processor goes on.

What many pairs read lies anywhere, and a read that misses every cache takes as long as a hundred sums.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

LINE_BYTES = 64


@intrinsic
def prefetch(_typing: Any, values: Any, place: Any) -> Any:
    """Ask for the line of an array that holds a place, counted in numbers from its beginning.

    Never fails, wherever the place is.
    """

    def ask(context: Any, builder: Any, signature: Any, given: Any) -> Any:
        first = context.make_array(signature.args[0])(context, builder, given[0]).data
        line = builder.bitcast(builder.gep(first, [given[1]]), ir.IntType(8).as_pointer())
        kind = ir.FunctionType(ir.VoidType(), [line.type, *[ir.IntType(32)] * 3])
        to_read, keep_near, data = (ir.Constant(ir.IntType(32), number) for number in (0, 3, 1))
        function = builder.module.declare_intrinsic("llvm.prefetch", [line.type], kind)
        builder.call(function, [line, to_read, keep_near, data])
        return context.get_dummy_value()

    return types.void(values, types.intp), ask


@njit(cache=True)
def prefetch_run(values, start, end):  # type: ignore[no-untyped-def]
    """Ask for all lines that hold the numbers from one place to another."""
    for place in range(start, end, LINE_BYTES // values.itemsize):
        prefetch(values, place)
    if end > start:
        prefetch(values, end - 1)


@njit(cache=True)
def prefetch_row(table, row):  # type: ignore[no-untyped-def]
    """Ask for one row of a table of any number of axes."""
    width = table.size // len(table)
    prefetch_run(table, row * width, (row + 1) * width)
