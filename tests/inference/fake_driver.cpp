// A stand-in for NVIDIA's driver library on a machine without one: the functions of its interface that we call, with memory that is
// just memory. A stream does at once what it is given; while it is being captured it only writes it down, and a graph does all of it again.
#include <cstdlib>
#include <cstring>
#include <functional>
#include <vector>

typedef unsigned long long Address;
typedef std::vector<std::function<void()>> Graph;
static Graph* capturing = nullptr;
static int allocations = 0;
extern "C" {
int launches = 0, uploads = 0;

static int enqueue(std::function<void()> work) {
    if (capturing) capturing->push_back(work);
    else work();
    return 0;
}
int cuInit(unsigned) { return 0; }
int cuDeviceGetCount(int* count) { *count = 1; return 0; }
int cuDeviceGet(int* device, int ordinal) { *device = ordinal; return 0; }
int cuDeviceGetName(char* name, int size, int) { std::strncpy(name, "Fake GPU", size); return 0; }
int cuDeviceGetAttribute(int* value, int attribute, int) { *value = attribute == 75 ? 8 : 6; return attribute < 75 || attribute > 76; }
int cuDriverGetVersion(int* version) { *version = 13000; return 0; }
int cuDevicePrimaryCtxRetain(void** context, int) { *context = (void*)1; return 0; }
int cuCtxSetCurrent(void* context) { return context != (void*)1; }
int cuMemAlloc_v2(Address* address, size_t size) { ++allocations; *address = (Address)std::malloc(size); return 0; }
int cuMemHostAlloc(void** address, size_t size, unsigned) { ++allocations; *address = std::malloc(size); return 0; }
int cuMemFree_v2(Address address) { --allocations; std::free((void*)address); return 0; }
int cuMemFreeHost(void* address) { --allocations; std::free(address); return 0; }
int cuMemcpyHtoDAsync_v2(Address to, void* from, size_t size, void*) {
    return enqueue([=] { ++uploads; std::memcpy((void*)to, from, size); });
}
int cuMemcpyDtoHAsync_v2(void* to, Address from, size_t size, void*) { return enqueue([=] { std::memcpy(to, (void*)from, size); }); }
int cuStreamCreate(void** stream, unsigned flags) { ++allocations; *stream = std::malloc(1); return flags != 1; }
int cuStreamSynchronize(void*) { return capturing ? 900 : 0; }
int cuStreamDestroy_v2(void* stream) { --allocations; std::free(stream); return 0; }
int cuStreamBeginCapture_v2(void*, int mode) { capturing = new Graph; return mode != 1; }
int cuStreamEndCapture(void*, void** graph) { *graph = capturing; capturing = nullptr; return 0; }
int cuGraphInstantiateWithFlags(void** executable, void* graph, unsigned long long) { ++allocations; *executable = new Graph(*(Graph*)graph); return 0; }
int cuGraphDestroy(void* graph) { delete (Graph*)graph; return 0; }
int cuGraphLaunch(void* executable, void*) { ++launches; for (auto& work : *(Graph*)executable) work(); return 0; }
int cuGraphExecDestroy(void* executable) { --allocations; delete (Graph*)executable; return 0; }

int live_allocations() { return allocations; }
// What the stand-in for a TensorRT plan does: twice the input.
int enqueue_doubling(Address from, Address to, int count) {
    return enqueue([=] { for (int i = 0; i < count; ++i) ((float*)to)[i] = 2 * ((float*)from)[i]; });
}
}
