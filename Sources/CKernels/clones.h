#pragma once
// One function, several instruction sets, chosen when the program is loaded: no -march is needed.
#if defined(__x86_64__) && defined(__clang__) && !__has_feature(thread_sanitizer)
#define CK_CLONES __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define CK_CLONES
#endif
#define CK_INLINE static inline __attribute__((always_inline))

#define CK_LANES 8
typedef double ck_lanes __attribute__((vector_size(64)));
typedef int64_t ck_mask __attribute__((vector_size(64)));
