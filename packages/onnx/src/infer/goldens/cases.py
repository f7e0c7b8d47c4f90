"""Single-operator cases for the goldens of shape inference.

An input is "f32[batch, 3]" (element type and sizes or names), a numpy array (a constant), or ""
(left out).
"""

import numpy as np


def i64(*values):
    return np.array(values, dtype=np.int64)


def f32(*values):
    return np.array(values, dtype=np.float32)


def scalar(value, dtype=np.int64):
    return np.array(value, dtype=dtype)


CASES = []


def case(op, *inputs, opset=17, outputs=1, domain="", **attributes):
    CASES.append((op, domain, opset, inputs, outputs, attributes))


UNARY = """Abs Acos Acosh Asin Asinh Atan Atanh Ceil Celu Clip Cos Cosh Elu Erf Exp Floor HardSigmoid
HardSwish Hardmax Identity LeakyRelu Log LogSoftmax Mish Neg Reciprocal Relu Round Selu Shrink Sigmoid
Sign Sin Sinh Softmax Softplus Softsign Sqrt Tan Tanh ThresholdedRelu""".split()
for op in UNARY:
    case(op, "f32[batch, 3, 4]", opset=18)
case("Gelu", "f32[batch, 3]", opset=20)
case("Swish", "f32[batch, 3]", opset=24)
case("Not", "bool[batch, 3]")
case("BitwiseNot", "i64[batch]", opset=18)
case("Clip", "f32[2, 3]", scalar(0, np.float32), "", opset=13)
case("Softmax", "f32[batch, 3]", opset=11, axis=1)
case("IsNaN", "f32[batch, 2]")
case("IsInf", "f32[batch, 2]")
case("Cast", "f32[batch, 2]", to=7)
case("Cast", "i64[2]", to=10)
case("CastLike", "f32[batch, 2]", "i64[1]")
case("Dropout", "f32[batch, 4]", outputs=2)
case("Dropout", "f32[batch, 4]", opset=10, outputs=2)
case("CumSum", "f32[batch, 4]", scalar(1))
case("Trilu", "f32[batch, 4, 4]")

for op in ["Add", "Sub", "Mul", "Div"]:
    case(op, "f32[batch, 1, 4]", "f32[3, 1]")
    case(op, "f32[batch, 3]", "f32[]")
    case(op, "i64[2, 3]", "i64[3]", opset=13)
case("Add", "f32[batch, length]", "f32[batch, 1]")
case("Add", "f32[batch, length]", "f32[1, length]")
case("Pow", "f32[batch, 3]", "i64[1]")
case("Mod", "i64[batch, 3]", "i64[3]")
case("BitShift", "u8[2, 3]", "u8[3]", direction="LEFT")
case("PRelu", "f32[batch, 3, 4, 4]", "f32[3, 1, 1]")
for op in ["Max", "Min", "Sum", "Mean"]:
    case(op, "f32[batch, 1]", "f32[3]", "f32[2, 1, 1]")
for op in ["And", "Or", "Xor"]:
    case(op, "bool[batch, 1]", "bool[3]")
for op in ["Equal", "Greater", "Less", "GreaterOrEqual", "LessOrEqual"]:
    case(op, "f32[batch, 1]", "f32[3]")
for op in ["BitwiseAnd", "BitwiseOr", "BitwiseXor"]:
    case(op, "i64[batch, 1]", "i64[3]", opset=18)
case("Where", "bool[batch, 1]", "f32[3]", "f32[]")

case("Reshape", "f32[2, 12]", i64(2, 3, -1))
case("Reshape", "f32[batch, 384]", i64(0, 12, 32))
case("Reshape", "f32[batch, length, 384]", i64(0, 0, -1, 32))
case("Reshape", "f32[batch, 3, 4]", i64(-1, 12))
case("Reshape", "f32[batch, 3, 4]", i64(-1, 6))
case("Reshape", "f32[0, 3]", i64(3, 0), opset=14, allowzero=1)
case("Flatten", "f32[batch, 3, 4, 5]")
case("Flatten", "f32[2, 3, 4]", axis=0)
case("Flatten", "f32[2, 3, 4]", axis=-1)
case("Flatten", "f32[2, 3, 4]", axis=3)
case("Squeeze", "f32[batch, 1, 3, 1]", i64(1, -1), opset=13)
case("Squeeze", "f32[batch, 1, 3]", opset=11, axes=[1])
case("Squeeze", "f32[2, 1, 3]", opset=13)
case("Unsqueeze", "f32[batch, 3]", i64(0, -1), opset=13)
case("Unsqueeze", "f32[batch, 3]", opset=11, axes=[1])
case("Transpose", "f32[batch, length, 4]")
case("Transpose", "f32[batch, length, 4]", perm=[0, 2, 1])
case("Concat", "f32[batch, 3]", "f32[batch, 5]", axis=1)
case("Concat", "f32[batch, 3]", "f32[2, 3]", axis=0)
case("Concat", "f32[2, 3, 4]", "f32[2, 3, 1]", axis=-1)
case("Split", "f32[batch, 6]", i64(1, 2, 3), opset=13, outputs=3, axis=1)
case("Split", "f32[batch, 6]", opset=13, outputs=3, axis=-1)
case("Split", "f32[batch, 6]", opset=11, outputs=2, axis=1, split=[4, 2])
case("Split", "f32[7, 6]", opset=18, outputs=3, num_outputs=3)
case("Slice", "f32[batch, 10, 8]", i64(1, 0), i64(9, 2**63 - 1), i64(1, 2), i64(2, 3))
case("Slice", "f32[batch, 10]", i64(-1), i64(-(2**63) + 1), i64(1), i64(-1))
case("Slice", "f32[batch, 10]", i64(-3), i64(2**31 - 1), i64(-1))
case("Slice", "f32[4, 10]", i64(1), i64(100))
case("Slice", "f32[batch, 10]", i64(0), i64(2**63 - 1), i64(0))
case("Slice", "f32[batch, 10]", i64(8), i64(3), i64(1))
case("Slice", "f32[batch, 10]", opset=9, starts=[1], ends=[5], axes=[1])
case("Pad", "f32[batch, 3, 8, 8]", i64(0, 0, 1, 2, 0, 0, 3, 4), opset=13)
case("Pad", "f32[batch, 3, 8]", opset=10, pads=[0, 0, 1, 0, 0, 2])
case("Pad", "f32[batch, 3, 8]", i64(1, 2), "", i64(-1), opset=18, mode="reflect")
case("Pad", "f32[2, 8]", i64(0, -1, 0, -2), opset=13)
case("Expand", "f32[batch, 1, 4]", i64(3, 1))
case("Expand", "f32[3, 1]", i64(2, 1, 6))
case("Tile", "f32[batch, 3]", i64(1, 4))
case("Tile", "f32[batch, 3]", i64(2, 1))
case("DepthToSpace", "f32[batch, 8, 2, 3]", blocksize=2)
case("SpaceToDepth", "f32[batch, 2, 4, 6]", blocksize=2)
case("ReverseSequence", "f32[4, 2]", i64(1, 2))
case("Resize", "f32[batch, 3, 8, 9]", "", f32(1, 1, 2, 1.5), opset=13, mode="linear")
case("Resize", "f32[batch, 3, 8, 9]", f32(1, 1, 0.5, 0.7), opset=10)
case("Resize", "f32[batch, 3, 8, 9]", "", "", i64(2, 3, 4, 5), opset=13)
case("Resize", "f32[batch, 3, 8, 9]", "", "", i64(16, 12), opset=18, axes=[2, 3],
     keep_aspect_ratio_policy="not_larger")
case("Resize", "f32[batch, 3, 8, 9]", "", "", i64(16, 12), opset=18, axes=[2, 3],
     keep_aspect_ratio_policy="not_smaller")
case("Upsample", "f32[batch, 3, 4, 4]", f32(1, 1, 2, 2), opset=9)
case("GridSample", "f32[batch, 3, 4, 4]", "f32[batch, 5, 6, 2]")
case("RoiAlign", "f32[2, 3, 8, 8]", "f32[rois, 4]", "i64[rois]", output_height=4, output_width=5)

REDUCTIONS = """ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin
ReduceProd ReduceSumSquare""".split()
for op in REDUCTIONS:
    case(op, "f32[batch, 3, 4]", axes=[1, -1], keepdims=0)
    case(op, "f32[batch, 3, 4]", i64(-1), opset=18)
case("ReduceSum", "f32[batch, 3, 4]", i64(1), opset=13, keepdims=0)
case("ReduceSum", "f32[batch, 3, 4]", opset=11, axes=[0])
case("ReduceSum", "f32[2, 3]", opset=13)
case("ReduceSum", "f32[2, 3]", opset=13, keepdims=0)
case("ReduceSum", "f32[2, 3]", opset=13, noop_with_empty_axes=1)
for op in ["ArgMax", "ArgMin"]:
    case(op, "f32[batch, 3, 4]", axis=-1)
    case(op, "f32[batch, 3, 4]", axis=1, keepdims=0)
case("SoftmaxCrossEntropyLoss", "f32[batch, 5]", "i64[batch]", outputs=2)
case("SoftmaxCrossEntropyLoss", "f32[2, 5, 4]", "i64[2, 4]", reduction="none")
case("NegativeLogLikelihoodLoss", "f32[2, 5]", "i64[2]", reduction="none")

case("Conv", "f32[batch, 3, 16, 17]", "f32[8, 3, 3, 3]", "f32[8]", strides=[2, 2], pads=[1, 1, 1, 1])
case("Conv", "f32[batch, 4, 16]", "f32[8, 2, 5]", group=2, dilations=[2])
case("Conv", "f32[batch, 3, height, width]", "f32[8, 3, 3, 3]", pads=[1, 1, 1, 1])
case("Conv", "f32[1, 3, 15, 16]", "f32[8, 3, 3, 3]", strides=[2, 2], auto_pad="SAME_UPPER")
case("Conv", "f32[1, 3, 15, 16]", "f32[8, 3, 3, 3]", strides=[2, 3], auto_pad="VALID")
case("Conv", "f32[1, 2, 5, 6, 7]", "f32[4, 2, 2, 2, 2]")
case("ConvTranspose", "f32[batch, 3, 5, 6]", "f32[3, 4, 3, 3]", strides=[2, 2], pads=[1, 1, 1, 1],
     output_padding=[1, 1])
case("ConvTranspose", "f32[batch, 4, 5]", "f32[4, 2, 3]", group=2, dilations=[2])
case("ConvTranspose", "f32[1, 3, 5, 6]", "f32[3, 4, 3, 3]", strides=[2, 2], output_shape=[10, 12])
case("ConvTranspose", "f32[1, 3, 5]", "f32[3, 4, 3]", strides=[2], auto_pad="SAME_UPPER")
case("ConvInteger", "u8[1, 3, 8, 8]", "u8[2, 3, 3, 3]")
case("QLinearConv", "u8[1, 3, 8, 8]", scalar(1, np.float32), scalar(0, np.uint8), "u8[2, 3, 3, 3]",
     scalar(1, np.float32), scalar(0, np.uint8), scalar(1, np.float32), scalar(0, np.uint8))
case("MaxPool", "f32[batch, 3, 15, 16]", outputs=2, kernel_shape=[3, 3], strides=[2, 2])
for size in range(3, 9):
    case("MaxPool", f"f32[1, 1, {size}]", kernel_shape=[3], strides=[2], ceil_mode=1)
    case("MaxPool", f"f32[1, 1, {size}]", kernel_shape=[3], strides=[3], pads=[1, 1], ceil_mode=1)
    case("AveragePool", f"f32[1, 1, {size}]", kernel_shape=[2], strides=[2], pads=[1, 0], ceil_mode=1)
case("MaxPool", "f32[1, 3, 15, 16]", kernel_shape=[3, 3], strides=[2, 2], auto_pad="SAME_LOWER")
case("MaxPool", "f32[1, 3, 15]", kernel_shape=[3], dilations=[2])
case("AveragePool", "f32[batch, 3, height, 16]", kernel_shape=[3, 3], pads=[1, 1, 1, 1])
case("AveragePool", "f32[1, 3, 15]", opset=19, kernel_shape=[3], dilations=[2])
case("LpPool", "f32[1, 3, 16]", kernel_shape=[4], strides=[4])
for op in ["GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"]:
    case(op, "f32[batch, 3, height, width]")
case("MaxUnpool", "f32[1, 1, 2, 2]", "i64[1, 1, 2, 2]", kernel_shape=[2, 2], strides=[2, 2])

case("BatchNormalization", "f32[batch, 3, 4, 4]", "f32[3]", "f32[3]", "f32[3]", "f32[3]")
case("BatchNormalization", "f32[batch, 3, 4, 4]", "f32[3]", "f32[3]", "f32[3]", "f32[3]",
     outputs=3, training_mode=1)
case("BatchNormalization", "f32[batch, 3]", "f32[3]", "f32[3]", "f32[3]", "f32[3]", opset=9)
case("InstanceNormalization", "f32[batch, 3, 4]", "f32[3]", "f32[3]")
case("LayerNormalization", "f32[batch, length, 8]", "f32[8]", "f32[8]", outputs=3)
case("LayerNormalization", "f32[batch, 3, 8]", "f32[3, 8]", outputs=1, axis=1)
case("RMSNormalization", "f32[batch, 8]", "f32[8]", opset=23)
case("GroupNormalization", "f32[batch, 4, 3, 3]", "f32[4]", "f32[4]", opset=21, num_groups=2)
case("LRN", "f32[batch, 3, 4, 4]", size=3)
case("LpNormalization", "f32[batch, 4]", axis=-1)
case("MeanVarianceNormalization", "f32[batch, 3, 4, 4]")

case("MatMul", "f32[batch, 2, 3]", "f32[3, 4]")
case("MatMul", "f32[batch, 12, length, 32]", "f32[batch, 12, 32, length]")
case("MatMul", "f32[3]", "f32[3, 4]")
case("MatMul", "f32[2, 3]", "f32[3]")
case("MatMul", "f32[3]", "f32[3]")
case("MatMul", "f32[5, 1, 2, 3]", "f32[4, 3, 6]")
case("Gemm", "f32[batch, 3]", "f32[4, 3]", "f32[4]", transB=1)
case("Gemm", "f32[3, 2]", "f32[3, 4]", transA=1)
case("MatMulInteger", "u8[batch, 3]", "i8[3, 4]")
case("QLinearMatMul", "u8[2, 3]", scalar(1, np.float32), scalar(0, np.uint8), "u8[3, 4]",
     scalar(1, np.float32), scalar(0, np.uint8), scalar(1, np.float32), scalar(0, np.uint8))
case("Einsum", "f32[batch, 3, 4]", "f32[batch, 4, 5]", equation="bij,bjk->bik")
case("Einsum", "f32[batch, 3, 4]", "f32[4, 5]", equation="...j, jk -> ...k")
case("Einsum", "f32[3, 4]", "f32[4, 5]", equation="ij,jk")
case("Einsum", "f32[3, 3]", equation="ii->i")
case("Attention", "f32[batch, length, 8]", "f32[batch, 6, 8]", "f32[batch, 6, 12]", opset=23,
     q_num_heads=2, kv_num_heads=2)
case("Attention", "f32[2, 4, 5, 8]", "f32[2, 2, 6, 8]", "f32[2, 2, 6, 10]", opset=23)

case("Gather", "f32[30, 4]", "i64[batch, length]")
case("Gather", "f32[batch, 7, 4]", scalar(0), axis=1)
case("Gather", "f32[batch, 7, 4]", i64(0, 2), axis=-1)
case("GatherElements", "f32[3, 4]", "i64[3, 2]", axis=1)
case("GatherND", "f32[2, 3, 4]", i64(0, 1).reshape(1, 2))
case("GatherND", "f32[2, 3, 4]", i64(0, 1).reshape(2, 1), batch_dims=1)
case("ScatterElements", "f32[3, 4]", "i64[1, 2]", "f32[1, 2]", axis=1)
case("ScatterND", "f32[batch, 4]", i64(0).reshape(1, 1), "f32[1, 4]")
case("TopK", "f32[batch, 10]", i64(3), outputs=2)
case("TopK", "f32[5, 10]", opset=9, outputs=2, axis=0, k=2)
case("OneHot", "i64[batch, 2]", scalar(5), f32(0, 1))
case("OneHot", "i64[batch, 2]", scalar(5), f32(0, 1), axis=1)
case("NonZero", "f32[2, 3]")
case("Compress", "f32[2, 3]", np.array([True, False, True]), axis=1)
case("Compress", "f32[2, 3]", np.array([True, False, True]))
case("Unique", "f32[6]", outputs=4)

case("Shape", "f32[batch, 3, 4]")
case("Shape", "f32[batch, 3, 4]", opset=15, start=1, end=-1)
case("Shape", "f32[2, 3]", opset=15, start=-1)
case("Size", "f32[batch, 3]")
case("ConstantOfShape", i64(2, 3))
case("ConstantOfShape", i64(2, 3), value=np.array([7], dtype=np.int64))
case("Constant", value=np.array([[1.0, 2.0]], dtype=np.float32))
case("Constant", value_ints=[1, 2, 3])
case("Constant", value_float=0.5)
case("Range", scalar(2), scalar(11), scalar(3))
case("Range", scalar(1, np.float32), scalar(0, np.float32), scalar(-0.25, np.float32))
case("EyeLike", "f32[3, 4]", dtype=7)
case("RandomNormal", shape=[2, 3])
case("RandomUniformLike", "f32[batch, 2]")
case("Bernoulli", "f32[batch, 2]")
case("Multinomial", "f32[batch, 5]", sample_size=4)

case("QuantizeLinear", "f32[batch, 4]", scalar(1, np.float32), scalar(0, np.int8))
case("QuantizeLinear", "f32[batch, 4]", scalar(1, np.float32))
case("DequantizeLinear", "i8[batch, 4]", "f32[4]", "i8[4]", axis=1)
case("DynamicQuantizeLinear", "f32[batch, 4]", outputs=3)

case("LSTM", "f32[length, batch, 4]", "f32[2, 12, 4]", "f32[2, 12, 3]", outputs=3, hidden_size=3,
     direction="bidirectional")
case("GRU", "f32[length, batch, 4]", "f32[1, 9, 4]", "f32[1, 9, 3]", outputs=2, hidden_size=3)
case("RNN", "f32[length, batch, 4]", "f32[1, 3, 4]", "f32[1, 3, 3]", outputs=2, hidden_size=3)

MS = "com.microsoft"
for op in ["Gelu", "FastGelu", "QuickGelu"]:
    case(op, "f32[batch, 8]", domain=MS)
case("BiasGelu", "f32[batch, 8]", "f32[8]", domain=MS)
case("SkipLayerNormalization", "f32[batch, length, 8]", "f32[batch, length, 8]", "f32[8]", "f32[8]",
     "f32[8]", domain=MS)
case("SkipSimplifiedLayerNormalization", "f32[batch, length, 8]", "f32[batch, length, 8]", "f32[8]",
     domain=MS)
case("SimplifiedLayerNormalization", "f32[batch, length, 8]", "f32[8]", axis=-1)
case("EmbedLayerNormalization", "i32[batch, length]", "", "f32[9, 8]", "f32[9, 8]", "", "f32[8]",
     "f32[8]", domain=MS, outputs=2)
case("Attention", "f32[batch, length, 8]", "f32[8, 24]", "f32[24]", domain=MS, num_heads=2)
case("MultiHeadAttention", "f32[batch, length, 8]", "f32[batch, length, 8]",
     "f32[batch, length, 8]", domain=MS, num_heads=2)
case("FusedMatMul", "f32[batch, 4, 3]", "f32[batch, 5, 3]", domain=MS, transB=1)
case("FusedGemm", "f32[batch, 3]", "f32[3, 4]", domain=MS, activation="Relu")
case("FusedConv", "f32[batch, 3, 8, 8]", "f32[4, 3, 3, 3]", domain=MS, activation="Relu")
case("MatMulNBits", "f32[batch, 32]", np.ones((4, 1, 16), np.uint8), np.ones(4, np.float32), domain=MS,
     K=32, N=4, bits=4, block_size=32)
case("DynamicQuantizeMatMul", "f32[batch, 3]", np.ones((3, 4), np.uint8), f32(1), domain=MS)
case("MatMulIntegerToFloat", "u8[batch, 3]", "u8[3, 4]", scalar(1, np.float32),
     scalar(1, np.float32), domain=MS)
