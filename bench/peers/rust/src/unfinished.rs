//! The nodes of a tree that workers hand to each other: how many are left, and what was visited.

use crate::rules::Tally;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};

/// What the workers and the one who waits share.
#[derive(Default)]
pub struct Unfinished {
    /// Nodes that were handed over and are not done.
    count: AtomicUsize,
    /// What was visited since the last tree, and how much of it was kept from the queue.
    visited: Mutex<(Tally, u64)>,
    is_over: Condvar,
}

/// What a worker has not reported yet.
#[derive(Default)]
pub struct Report {
    pub visited: Tally,
    pub kept: u64,
    pub done: usize,
}

impl Unfinished {
    /// Before the nodes can be found. The node that they come from is not done: never from 0, but for a root.
    pub fn add(&self, nodes: usize) {
        self.count.fetch_add(nodes, Ordering::Relaxed);
    }

    /// Nodes that were not handed over after all.
    pub fn take_back(&self, nodes: usize) {
        self.count.fetch_sub(nodes, Ordering::Relaxed);
    }

    /// Empties the report. Whoever waits for nodes reports before that: always before the tree's end.
    pub fn report(&self, of: &mut Report) {
        if of.done == 0 {
            return;
        }
        let own = std::mem::take(of);
        {
            let mut all = self.visited.lock().expect("no panic");
            all.0 = all.0.and(own.visited);
            all.1 += own.kept;
        }
        self.done(own.done);
    }

    /// Nodes whose children have been added and whose visit has been reported, here or elsewhere.
    pub fn done(&self, nodes: usize) {
        if self.count.fetch_sub(nodes, Ordering::AcqRel) == nodes {
            drop(self.visited.lock().expect("no panic")); // whoever has seen the count before is waiting now
            self.is_over.notify_one();
        }
    }

    /// Until nothing is left. Returns what was visited, and how much of it was kept.
    pub fn wait(&self) -> (Tally, u64) {
        let mut visited = self.visited.lock().expect("no panic");
        while self.count.load(Ordering::Acquire) != 0 {
            visited = self.is_over.wait(visited).expect("no panic");
        }
        std::mem::take(&mut *visited)
    }
}
