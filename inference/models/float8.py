"""Eight float32 in one register, for numba: what its vectoriser finds in some loops only is written out here.

LLVM makes one AVX instruction of each, or two of NEON. A product that is added becomes one fused instruction where the
processor has it.
"""

import operator
from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba import extending
from numba.core import types
from numba.core.typing import templates
from numba.extending import models

LANES = 8
VECTOR = ir.VectorType(ir.FloatType(), LANES)
FUSED = ("contract",)

# To mypy these are what numba makes of them when it compiles: anything.
intrinsic: Any = extending.intrinsic
overload: Any = extending.overload
signature: Any = templates.signature


class Float8(types.Type):
    """The numba type."""


float8: Any = Float8("float32x8")


class Float8Model(models.PrimitiveModel):
    def __init__(self, manager: Any, numba_type: Any) -> None:
        super().__init__(manager, numba_type, VECTOR)  # type: ignore[no-untyped-call]


extending.register_model(Float8)(Float8Model)


def _place(builder: Any, context: Any, array_type: Any, array: Any, index: Any) -> Any:
    """Pointer to the vector that begins at array[index]."""
    data = context.make_array(array_type)(context, builder, array).data
    return builder.bitcast(builder.gep(data, [index]), VECTOR.as_pointer())


def _is_float32s(array: Any) -> bool:
    return isinstance(array, types.Array) and array.dtype == types.float32 and array.ndim == 1 and array.layout == "C"


def _load8(_typing: Any, array: Any, index: Any) -> Any:
    """array[index : index + 8] of a contiguous array of one dimension; nobody checks the bounds."""
    if not _is_float32s(array):
        return None

    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.load(_place(builder, context, array, *arguments), align=4)

    return signature(float8, array, types.intp), generate


def _store8(_typing: Any, array: Any, index: Any, vector: Any) -> Any:
    """array[index : index + 8] = vector; nobody checks the bounds."""
    if not _is_float32s(array):
        return None

    def generate(context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        builder.store(arguments[2], _place(builder, context, array, *arguments[:2]), align=4)
        return context.get_dummy_value()

    return signature(types.void, array, types.intp, float8), generate


def _spread8(_typing: Any, value: Any) -> Any:
    """The same number eight times."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        nothing = ir.Constant(VECTOR, ir.Undefined)
        first = builder.insert_element(nothing, arguments[0], ir.IntType(32)(0))
        zeros = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
        return builder.shuffle_vector(first, nothing, zeros)

    return signature(float8, types.float32), generate


def _max8(_typing: Any, one: Any, other: Any) -> Any:
    """The larger of each pair."""

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        return builder.select(builder.fcmp_ordered(">", *arguments), *arguments)

    return signature(float8, float8, float8), generate


load8: Any = intrinsic(_load8)
store8: Any = intrinsic(_store8)
spread8: Any = intrinsic(_spread8)
max8: Any = intrinsic(_max8)


def _arithmetic(instruction: str, python_operator: Any) -> None:
    """Gives two vectors `+`, `-` or `*`."""

    def compute(_typing: Any, one: Any, other: Any) -> Any:
        def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
            return getattr(builder, instruction)(*arguments, flags=FUSED)

        return signature(float8, float8, float8), generate

    compiled = intrinsic(compute)

    def of_two_vectors(one: Any, other: Any) -> Any:
        return (lambda one, other: compiled(one, other)) if one == other == float8 else None

    overload(python_operator, strict=False)(of_two_vectors)


_arithmetic("fadd", operator.add)
_arithmetic("fsub", operator.sub)
_arithmetic("fmul", operator.mul)
