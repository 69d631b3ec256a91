//! A peer by the protocol of docs/anatomy-of-a-peer.md: queues and schedulers in Rust.
//!
//!     handoff-rust channel|deque|rayon|tokio TREES.CSV

mod channel_forest;
mod channel_stream;
mod deque_forest;
mod protocol;
mod rayon_forest;
mod rules;
mod stream;
mod task_forest;
mod task_stream;
mod tree;
mod unfinished;
mod usage;

use protocol::{refuse, Cell, Failure, Sampler};

fn open(contender: &str, cell: &Cell, trees: &str) -> Result<Sampler, Failure> {
    match (contender, cell.scenario.as_str()) {
        ("channel", "throughput") => stream::open(cell, channel_stream::LANE),
        ("channel", "tree") => tree::open(cell, trees, channel_forest::open),
        ("deque", "tree") => tree::open(cell, trees, deque_forest::open),
        ("rayon", "tree") => tree::open(cell, trees, rayon_forest::open),
        ("tokio", "throughput") => match task_stream::refuses(cell.consumers) {
            Some(failure) => Err(failure),
            None => stream::open(cell, task_stream::LANE),
        },
        ("tokio", "tree") => tree::open(cell, trees, task_forest::open),
        _ => Err(protocol::unknown("scenario", &cell.scenario)),
    }
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (contender, trees) = match &words[..] {
        [contender, trees] if ["channel", "deque", "rayon", "tokio"].contains(&contender.as_str()) => {
            (contender.clone(), trees.clone())
        }
        _ => refuse("usage: handoff-rust channel|deque|rayon|tokio TREES.CSV"),
    };
    protocol::serve("Rust", env!("HANDOFF_RUSTC"), |cell| open(&contender, cell, &trees));
}
