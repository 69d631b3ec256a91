"""Two tasks that sleep at the same time. The counterpart of say_after.cpp."""

from __future__ import annotations

import asyncio

from support.pattern import create_task, run, say


async def say_after_a_while(delay: float, words: str) -> None:
    await asyncio.sleep(delay)
    say(words)


async def main() -> None:
    loop = asyncio.get_running_loop()
    start = loop.time()
    first = create_task(say_after_a_while(1.0, "one second"), "first")
    second = create_task(say_after_a_while(2.0, "two seconds"), "second")
    say("both tasks are made, and neither has begun")
    await first
    say("the first has ended")
    await second
    say(f"both have ended after {loop.time() - start:.1f} s")


if __name__ == "__main__":
    run(main)
