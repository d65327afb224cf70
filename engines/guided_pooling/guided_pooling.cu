// Guided pooling: the feature vector of a map at each joint's position, interpolated bilinearly; zeros outside the map.
//
// features [N][C][H][W] float or half, positions [N][J][2] float: x, y in cells, (0, 0) is the centre of the first cell -> pooled [N][J][C].
// The same as pose2pose_live/network/pooling.py. Positions are always float: a half-precision one is off by up to 1/32 of a cell on a
// map 64 cells wide. Arithmetic is float.
//
// One thread for each channel of a joint: grid (N * J, ceil(C / BLOCK)), block BLOCK. The order of the arguments, inputs, integers, outputs,
// is TensorRT's. There are no includes, so that NVRTC needs no CUDA headers, and a C++ compiler for the host can build the same code for
// the tests, which define HOST_KERNEL and the three indices.

#define BLOCK 128

#ifdef __CUDACC__
#define KERNEL extern "C" __global__ void __launch_bounds__(BLOCK)
#define INLINE __device__ __forceinline__
#define BLOCK_X blockIdx.x
#define BLOCK_Y blockIdx.y
#define THREAD_X threadIdx.x
#else
#define KERNEL HOST_KERNEL
#define INLINE static inline
#endif

// Half-precision numbers by their bits; conversions without cuda_fp16.h.
struct Half {
    unsigned short bits;
};

INLINE float load(const float* from) { return *from; }
INLINE void store(float* to, float value) { *to = value; }

#ifdef __CUDACC__
INLINE float load(const Half* from) {
    float value;
    asm("cvt.f32.f16 %0, %1;" : "=f"(value) : "h"(from->bits));
    return value;
}
INLINE void store(Half* to, float value) { asm("cvt.rn.f16.f32 %0, %1;" : "=h"(to->bits) : "f"(value)); }
#else
INLINE float load(const Half* from) { return (float)*(const _Float16*)from; }
INLINE void store(Half* to, float value) { *(_Float16*)to = (_Float16)value; }
#endif

template <class T>
INLINE void pool(const T* features, const float* positions, int channels, int height, int width, int joints, T* pooled) {
    const long long joint = BLOCK_X;  // counted through the whole batch
    const int channel = BLOCK_Y * BLOCK + THREAD_X;
    if (channel >= channels) return;
    const float x = positions[2 * joint];
    const float y = positions[2 * joint + 1];
    float sum = 0.0f;
    // Nothing but zeros lies a cell or more outside. False for NaN and infinities, too.
    if (x > -1.0f && x < (float)width && y > -1.0f && y < (float)height) {
        const int left = (int)x - (x < 0.0f), above = (int)y - (y < 0.0f);  // rounded down
        const int right = left + 1, below = above + 1;
        const float to_right = x - (float)left, to_below = y - (float)above;
        const T* map = features + ((joint / joints) * channels + channel) * height * width;
        const T* upper = map + (long long)above * width;
        const T* lower = upper + width;
        if (above >= 0 && left >= 0) sum += (1.0f - to_right) * (1.0f - to_below) * load(upper + left);
        if (above >= 0 && right < width) sum += to_right * (1.0f - to_below) * load(upper + right);
        if (below < height && left >= 0) sum += (1.0f - to_right) * to_below * load(lower + left);
        if (below < height && right < width) sum += to_right * to_below * load(lower + right);
    }
    store(pooled + joint * channels + channel, sum);
}

KERNEL guided_pooling_float32(const float* __restrict__ features, const float* __restrict__ positions, int channels, int height, int width,
                              int joints, float* __restrict__ pooled) {
    pool(features, positions, channels, height, width, joints, pooled);
}

KERNEL guided_pooling_float16(const Half* __restrict__ features, const float* __restrict__ positions, int channels, int height, int width,
                              int joints, Half* __restrict__ pooled) {
    pool(features, positions, channels, height, width, joints, pooled);
}
