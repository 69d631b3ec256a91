//! A tree without a queue of its own: rayon's join, which steals, and has no capacity.

use crate::rules::{Node, Tally};
use crate::tree::{Forest, Job};
use crate::usage::work;

/// A join keeps its frame: some kilobytes per level of a tree.
const STACK_BYTES: usize = 64 << 20;

struct RayonForest {
    job: Job,
    pool: rayon::ThreadPool,
}

pub fn open(job: &Job) -> Box<dyn Forest> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(job.workers).stack_size(STACK_BYTES).build().expect("there are threads");
    Box::new(RayonForest { job: job.clone(), pool })
}

impl Forest for RayonForest {
    fn grow(&mut self, root: Node) -> (Tally, u64) {
        (self.pool.install(|| visit(&self.job, &root)), 0)
    }
}

fn visit(job: &Job, node: &Node) -> Tally {
    if job.turns != 0 {
        work(job.turns);
    }
    let mut children = Vec::new();
    job.rule.expand(node, &mut children);
    let mut own = Tally::default();
    own.enter(node, children.is_empty());
    own.and(visit_all(job, &children))
}

/// Forks by halves.
fn visit_all(job: &Job, nodes: &[Node]) -> Tally {
    match nodes {
        [] => Tally::default(),
        [one] => visit(job, one),
        several => {
            let (left, right) = several.split_at(several.len() / 2);
            let (a, b) = rayon::join(|| visit_all(job, left), || visit_all(job, right));
            a.and(b)
        }
    }
}
