//! A peer by the protocol of docs/anatomy-of-a-peer.md: crossbeam's channel, or rayon's fork-join.
//!
//!     handoff-rust channel|rayon TREES.CSV

mod channel_forest;
mod protocol;
mod rayon_forest;
mod rules;
mod stream;
mod tree;
mod usage;

use protocol::{refuse, Cell, Failure, Sampler};

fn open_with_channel(cell: &Cell, trees: &str) -> Result<Sampler, Failure> {
    match cell.scenario.as_str() {
        "throughput" => stream::open(cell),
        "tree" => tree::open(cell, trees, channel_forest::open),
        _ => Err(protocol::unknown("scenario", &cell.scenario)),
    }
}

fn open_with_rayon(cell: &Cell, trees: &str) -> Result<Sampler, Failure> {
    match cell.scenario.as_str() {
        "tree" => tree::open(cell, trees, rayon_forest::open),
        _ => Err(protocol::unknown("scenario", &cell.scenario)),
    }
}

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let (open, trees) = match (words.get(1).map(String::as_str), words.get(2), words.len()) {
        (Some("channel"), Some(trees), 3) => (open_with_channel as fn(&Cell, &str) -> _, trees.clone()),
        (Some("rayon"), Some(trees), 3) => (open_with_rayon as fn(&Cell, &str) -> _, trees.clone()),
        _ => refuse("usage: handoff-rust channel|rayon TREES.CSV"),
    };
    protocol::serve("Rust", env!("HANDOFF_RUSTC"), |cell| open(cell, &trees));
}
