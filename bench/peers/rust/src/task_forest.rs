//! A tree without a queue of its own: a task of tokio for every child but the first, which is visited in place. Its
//! runtime steals tasks, and has no capacity.

use crate::rules::{Node, Tally};
use crate::tree::{Forest, Job};
use crate::unfinished::Unfinished;
use crate::usage::work;
use std::sync::{Arc, Mutex};
use tokio::runtime::{Builder, Runtime};

struct TaskForest {
    shared: Arc<Shared>,
    runtime: Runtime,
}

struct Shared {
    job: Job,
    unfinished: Unfinished, // tasks
    shards: Vec<Shard>,
}

/// What was visited is added up in several places, on lines of their own: tasks rarely wait for each other.
#[derive(Default)]
#[repr(align(128))]
struct Shard(Mutex<Tally>);

const SHARDS: u64 = 64;

pub fn open(job: &Job) -> Box<dyn Forest> {
    let runtime = Builder::new_multi_thread().worker_threads(job.workers).build().expect("there are threads");
    let shards = (0..SHARDS).map(|_| Default::default()).collect();
    let shared = Shared { job: job.clone(), unfinished: Unfinished::default(), shards };
    Box::new(TaskForest { shared: Arc::new(shared), runtime })
}

impl Forest for TaskForest {
    fn grow(&mut self, root: Node) -> (Tally, u64) {
        self.shared.unfinished.add(1);
        let shared = self.shared.clone();
        self.runtime.spawn(async move { shared.visit(root) });
        self.shared.unfinished.wait();
        let all = self.shared.shards.iter().map(|shard| std::mem::take(&mut *shard.0.lock().expect("no panic")));
        (all.fold(Tally::default(), Tally::and), 0)
    }
}

impl Shared {
    fn visit(self: &Arc<Self>, first: Node) {
        let shard = &self.shards[first.shard(SHARDS)];
        let mut visited = Tally::default();
        let mut children = vec![];
        let mut next = Some(first);
        while let Some(node) = next {
            if self.job.turns != 0 {
                work(self.job.turns);
            }
            self.job.rule.expand(&node, &mut children);
            visited.enter(&node, children.is_empty());
            next = children.pop();
            self.unfinished.add(children.len());
            for child in children.drain(..) {
                let shared = self.clone();
                tokio::spawn(async move { shared.visit(child) });
            }
        }
        {
            let mut all = shard.0.lock().expect("no panic");
            *all = all.and(visited);
        }
        self.unfinished.done(1);
    }
}
