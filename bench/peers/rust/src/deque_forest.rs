//! A tree through crossbeam's deques: every worker pops from its own, takes a batch from the injector, or steals.

use crate::rules::{Node, Tally};
use crate::tree::{Forest, Job};
use crate::unfinished::{Report, Unfinished};
use crate::usage::work;
use crossbeam_deque::{Injector, Steal, Stealer, Worker as Deque};
use std::sync::atomic::{fence, AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;

struct Shared {
    job: Job,
    injector: Injector<Node>,
    stealers: Vec<Stealer<Node>>,
    unfinished: Unfinished,
    is_closed: AtomicBool,
    sleepers: AtomicUsize,
    sleep: Mutex<()>,
    woken: Condvar,
}

struct DequeForest {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
}

pub fn open(job: &Job) -> Box<dyn Forest> {
    let deques: Vec<_> = (0..job.workers).map(|_| Deque::new_lifo()).collect();
    let shared = Arc::new(Shared {
        job: job.clone(),
        injector: Injector::new(),
        stealers: deques.iter().map(Deque::stealer).collect(),
        unfinished: Unfinished::default(),
        is_closed: AtomicBool::new(false),
        sleepers: AtomicUsize::new(0),
        sleep: Mutex::new(()),
        woken: Condvar::new(),
    });
    let workers = deques
        .into_iter()
        .enumerate()
        .map(|(own, deque)| {
            let shared = shared.clone();
            std::thread::spawn(move || shared.work(own, &deque))
        })
        .collect();
    Box::new(DequeForest { shared, workers })
}

impl Forest for DequeForest {
    fn grow(&mut self, root: Node) -> (Tally, u64) {
        self.shared.unfinished.add(1);
        self.shared.injector.push(root);
        self.shared.wake_one();
        self.shared.unfinished.wait()
    }
}

impl Drop for DequeForest {
    fn drop(&mut self) {
        self.shared.is_closed.store(true, Ordering::Relaxed); // seen by sleepers under the lock
        drop(self.shared.sleep.lock().expect("no panic"));
        self.shared.woken.notify_all();
        for worker in self.workers.drain(..) {
            worker.join().expect("no panic");
        }
    }
}

impl Shared {
    /// Until the forest is dropped.
    fn work(&self, own: usize, deque: &Deque<Node>) {
        let mut report = Report::default();
        let mut children = vec![];
        loop {
            while let Some(node) = deque.pop().or_else(|| self.find(own, deque)) {
                if self.job.turns != 0 {
                    work(self.job.turns);
                }
                self.job.rule.expand(&node, &mut children);
                report.visited.enter(&node, children.is_empty());
                self.fork(&mut children, deque);
                report.done += 1;
            }
            self.unfinished.report(&mut report);
            if !self.sleep() {
                return;
            }
        }
    }

    fn fork(&self, children: &mut Vec<Node>, deque: &Deque<Node>) {
        if children.is_empty() {
            return;
        }
        self.unfinished.add(children.len());
        children.drain(..).for_each(|child| deque.push(child));
        self.wake_one();
    }

    /// A node from the injector or another worker, until a round has lost no race.
    fn find(&self, own: usize, deque: &Deque<Node>) -> Option<Node> {
        let workers = self.stealers.len();
        let others = || (1..workers).map(|step| self.stealers[(own + step) % workers].steal());
        loop {
            let round: Steal<Node> =
                self.injector.steal_batch_and_pop(deque).or_else(|| others().collect());
            if !round.is_retry() {
                return round.success();
            }
        }
    }

    /// No sleeper is missed: it counts itself, fences and looks; here the nodes are there before the fence.
    fn wake_one(&self) {
        fence(Ordering::SeqCst);
        if self.sleepers.load(Ordering::Relaxed) != 0 {
            drop(self.sleep.lock().expect("no panic"));
            self.woken.notify_one();
        }
    }

    /// Returns when there may be something to do; false at the end.
    fn sleep(&self) -> bool {
        let mut awake = self.sleep.lock().expect("no panic");
        self.sleepers.fetch_add(1, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        while self.looks_empty() && !self.is_closed.load(Ordering::Relaxed) {
            awake = self.woken.wait(awake).expect("no panic");
        }
        self.sleepers.fetch_sub(1, Ordering::Relaxed);
        !self.is_closed.load(Ordering::Relaxed)
    }

    fn looks_empty(&self) -> bool {
        self.injector.is_empty() && self.stealers.iter().all(Stealer::is_empty)
    }
}
