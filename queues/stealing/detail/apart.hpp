// Functions that must not be inlined into a coroutine that continues on another thread.
//
// Clang 16 inlines before it makes a function of each part of a coroutine, so two things go wrong there. It
// takes the address of a thread-local variable for a constant of the whole coroutine: what is inlined uses
// the variable of the thread on which the coroutine began. And it keeps the local variables of an inlined
// await_suspend in the frame, which another thread may continue and destroy meanwhile (LLVM issue 56301). g++
// makes those functions first.
#pragma once

#if defined(__clang__)
#define HANDOFF_APART_IN_CLANG [[gnu::noinline]]
#else
#define HANDOFF_APART_IN_CLANG
#endif
