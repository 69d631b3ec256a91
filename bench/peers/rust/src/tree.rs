//! tree: workers expand a tree until nothing is left of it.

use crate::protocol::{row, unknown, Cell, Failure, Row, Sampler};
use crate::rules::{tree_named, Node, Rule, Tally};
use crate::usage::{clock_cost, cpu_seconds, elapsed_ns, median, turns_for, work, Usage};
use serde_json::json;
use std::time::Instant;

/// What one way of growing trees is told.
#[derive(Clone)]
pub struct Job {
    pub rule: Rule,
    pub turns: u64,
    pub workers: usize,
    pub capacity: usize,
}

/// Workers that wait for a tree; they end when it is dropped.
pub trait Forest {
    /// Grows the whole tree. Returns what was visited, and how much of it found the queue full.
    fn grow(&mut self, root: Node) -> (Tally, u64);
}

struct Session {
    cell: Cell,
    job: Job,
    known: Tally,
    expected: Tally,
    open: fn(&Job) -> Box<dyn Forest>,
}

pub fn open(cell: &Cell, trees: &str, open: fn(&Job) -> Box<dyn Forest>) -> Result<Sampler, Failure> {
    if cell.item_bytes != "32" {
        return Err(unknown("item_bytes", &cell.item_bytes));
    }
    let (rule, known) = tree_named(&cell.tree, trees)?;
    let job = Job { rule, turns: turns_for(cell.work_consumer_ns), workers: cell.consumers, capacity: cell.capacity };
    let mut session = Session { cell: cell.clone(), job, known, expected: Tally::default(), open };
    session.warm_up()?;
    let clock_ns = clock_cost();
    Ok(Box::new(move || {
        let mut measured = session.sample()?;
        measured.insert("clock_ns".to_string(), json!(clock_ns));
        Ok(measured)
    }))
}

impl Session {
    /// A tree that lasts longer than a sample warms everything up while it is measured.
    fn warm_up(&mut self) -> Result<(), Failure> {
        let began = Instant::now();
        self.expected = self.walk();
        check(&self.expected, &Tally { content: self.expected.content, ..self.known })?;
        if self.lasted(began, 1.0) {
            return Ok(());
        }
        let (visited, _) = (self.open)(&self.job).grow(self.job.rule.root());
        check(&visited, &self.expected)
    }

    /// Whether so many sample lengths have passed.
    fn lasted(&self, began: Instant, lengths: f64) -> bool {
        began.elapsed().as_secs_f64() >= self.cell.sample_ms * 1e-3 * lengths
    }

    /// Visits every node in this thread, without a queue.
    fn walk(&self) -> Tally {
        let mut visited = Tally::default();
        let mut left = vec![self.job.rule.root()];
        while let Some(node) = left.pop() {
            if self.job.turns != 0 {
                work(self.job.turns);
            }
            let others = left.len();
            self.job.rule.expand(&node, &mut left);
            visited.enter(&node, left.len() == others);
        }
        visited
    }

    fn serial_ns(&mut self) -> f64 {
        let mut lengths = vec![];
        let began = Instant::now();
        while lengths.is_empty() || !self.lasted(began, 0.5) {
            let start = Instant::now();
            self.expected = self.walk();
            lengths.push(elapsed_ns(start));
        }
        median(&lengths)
    }

    fn sample(&mut self) -> Result<Row, Failure> {
        let serial = self.serial_ns();
        let mut forest = (self.open)(&self.job);
        let mut rounds = vec![];
        let mut kept = 0;
        let used = Usage::start();
        let began = Instant::now();
        while rounds.is_empty() || !self.lasted(began, 1.0) {
            let start = Instant::now();
            let (visited, refused) = forest.grow(self.job.rule.root());
            rounds.push(elapsed_ns(start));
            check(&visited, &self.expected)?;
            kept += refused;
        }
        Ok(self.row(used.row(), serial, &rounds, kept))
    }

    fn row(&self, mut measured: Row, serial: f64, rounds: &[f64], kept: u64) -> Row {
        let seconds = rounds.iter().sum::<f64>() * 1e-9;
        let cores = std::thread::available_parallelism().map_or(1, usize::from).min(self.job.workers);
        let busy = cpu_seconds(&measured) / (seconds * cores as f64);
        let items = self.expected.nodes * rounds.len() as u64;
        let nodes = self.expected.nodes as f64;
        measured.append(&mut row(&[
            ("status", json!("ok")),
            ("items", json!(items)),
            ("seconds", json!(seconds)),
            ("node_ns", json!(median(rounds) / nodes)),
            ("serial_node_ns", json!(serial / nodes)),
            ("speed_up", json!(serial / median(rounds))),
            ("idle_share", json!((1.0 - busy).max(0.0))),
            ("kept_share", json!(kept as f64 / items as f64)),
        ]));
        measured
    }
}

fn check(visited: &Tally, expected: &Tally) -> Result<(), Failure> {
    for (what, found, wanted) in [
        ("nodes", visited.nodes, expected.nodes),
        ("leaves", visited.leaves, expected.leaves),
        ("levels", visited.depth, expected.depth),
    ] {
        if found != wanted {
            let sentence = format!("{found} {what} were visited of a tree that has {wanted}");
            return Err(Failure::Corrupt(sentence));
        }
    }
    if visited.content != expected.content {
        let sentence = "as many nodes were visited as the tree has, but not the same ones";
        return Err(Failure::Corrupt(sentence.to_string()));
    }
    Ok(())
}
