//! throughput: producers that send and consumers that receive until the last sender has left.

use crate::protocol::{row, unknown, Cell, Failure, Row, Sampler};
use crate::usage::{clock_cost, turns_for, work};
use serde_json::json;
use std::time::Instant;

/// An item is its producer's number and its own number there.
const SEQUENCE_BITS: u32 = 40;
/// In lengths of a sample, if the fewest items last longer than one.
const LONGEST_SAMPLE: f64 = 4.0;

/// One way of handing items over.
#[derive(Clone, Copy)]
pub struct Lane {
    /// Whether what goes first into a fresh queue comes out first, with no other thread there.
    pub keeps_order: fn(&Job, u64) -> bool,
    /// One window with a fresh queue.
    pub run: fn(&Job) -> Window,
}

/// What the workers of a window are told.
#[derive(Clone, Copy)]
pub struct Job {
    pub producers: usize,
    pub consumers: usize,
    pub capacity: usize,
    pub share: u64, // items per producer
    turns_producer: u64,
    turns_consumer: u64,
}

impl Job {
    /// The items of a producer; each takes the work that the cell asks for.
    pub fn items(&self, producer: usize) -> impl Iterator<Item = u64> {
        let (first, turns) = ((producer as u64) << SEQUENCE_BITS, self.turns_producer);
        (first..first + self.share).inspect(move |_| {
            if turns != 0 {
                work(turns);
            }
        })
    }

    pub fn receipts(&self) -> Receipts {
        let (next, ended) = (vec![0; self.producers], Instant::now());
        Receipts { turns: self.turns_consumer, next, count: 0, sum: 0, squares: 0, disorder: false, ended }
    }
}

/// The items that one consumer received.
pub struct Receipts {
    turns: u64,
    next: Vec<u64>, // the least item that may come from each producer
    count: u64,
    sum: u64,
    squares: u64,
    disorder: bool,
    ended: Instant,
}

impl Receipts {
    pub fn accept(&mut self, item: u64) {
        if self.turns != 0 {
            work(self.turns);
        }
        let producer = (item >> SEQUENCE_BITS) as usize;
        self.disorder |= item < self.next[producer];
        self.next[producer] = item + 1;
        self.count += 1;
        self.sum = self.sum.wrapping_add(item);
        self.squares = self.squares.wrapping_add(item.wrapping_mul(item));
    }

    /// After the last item.
    pub fn ended(mut self) -> Receipts {
        self.ended = Instant::now();
        self
    }
}

pub struct Window {
    pub began: Instant,
    pub used: Row,
    pub received: Vec<Receipts>,
}

struct Stream {
    job: Job,
    lane: Lane,
    sample_ms: f64,
}

pub fn open(cell: &Cell, lane: Lane) -> Result<Sampler, Failure> {
    if cell.item_bytes != "8" {
        return Err(unknown("item_bytes", &cell.item_bytes));
    }
    let job = Job {
        producers: cell.producers,
        consumers: cell.consumers,
        capacity: cell.capacity,
        share: 0,
        turns_producer: turns_for(cell.work_producer_ns),
        turns_consumer: turns_for(cell.work_consumer_ns),
    };
    let mut stream = Stream { job, lane, sample_ms: cell.sample_ms };
    stream.warm_up()?;
    let clock_ns = clock_cost();
    Ok(Box::new(move || {
        stream.prove_order()?;
        let mut measured = stream.run()?;
        measured.insert("clock_ns".to_string(), json!(clock_ns));
        Ok(measured)
    }))
}

impl Stream {
    fn items_each(&self, items: f64) -> u64 {
        items as u64 / self.job.producers as u64 + 1
    }

    /// Finds the number of items that fills a sample, the queue four times, and every worker's loop 64 times. The
    /// first runs may be slow for other reasons than their items, and any may be interrupted: the median of three
    /// decides.
    fn warm_up(&mut self) -> Result<(), Failure> {
        let workers = self.job.producers + self.job.consumers;
        let fewest = (4 * self.job.capacity + 64 * workers) as f64;
        let target = self.sample_ms * 1e-3;
        self.job.share = self.items_each(256.0);
        let mut fitting = Vec::new();
        while fitting.len() < 3 {
            let length = self.run()?["seconds"].as_f64().unwrap_or(target);
            if length >= target / 4.0 {
                let all = (self.job.share * self.job.producers as u64) as f64;
                let proportional = all * target / length;
                fitting.push(fewest.min(proportional * LONGEST_SAMPLE).max(proportional));
                self.job.share = self.items_each(fitting[fitting.len() - 1]);
            } else {
                fitting.clear();
                self.job.share *= 2;
            }
        }
        fitting.sort_by(f64::total_cmp);
        self.job.share = self.items_each(fitting[1]);
        Ok(())
    }

    fn prove_order(&self) -> Result<(), Failure> {
        if (self.lane.keeps_order)(&self.job, self.job.capacity.min(64) as u64) {
            return Ok(());
        }
        let sentence = "the first items of a fresh queue did not come out in the order that it promises, fifo";
        Err(Failure::Corrupt(sentence.to_string()))
    }

    fn run(&self) -> Result<Row, Failure> {
        let Window { began, used, received } = (self.lane.run)(&self.job);
        let ended = received.iter().map(|each| each.ended).max().unwrap_or(began);
        let length = (ended - began).as_secs_f64();
        let count = self.job.share * self.job.producers as u64;
        self.check(&received)?;
        let least = received.iter().map(|each| each.count).min().unwrap_or(0) as f64;
        let most = received.iter().map(|each| each.count).max().unwrap_or(1) as f64;
        let mut measured = used;
        measured.append(&mut row(&[
            ("status", json!("ok")),
            ("items", json!(count)),
            ("seconds", json!(length)),
            ("items_per_second", json!(count as f64 / length)),
            ("fairness_consumers", json!(least / most)),
        ]));
        Ok(measured)
    }

    fn check(&self, received: &[Receipts]) -> Result<(), Failure> {
        let count = self.job.share * self.job.producers as u64;
        let arrived: u64 = received.iter().map(|each| each.count).sum();
        if arrived != count {
            return Err(Failure::Corrupt(format!("{arrived} items arrived of {count}")));
        }
        let (mut sum, mut squares) = (0u64, 0u64);
        for each in received {
            sum = sum.wrapping_add(each.sum);
            squares = squares.wrapping_add(each.squares);
        }
        for producer in 0..self.job.producers as u64 {
            for item in producer << SEQUENCE_BITS..(producer << SEQUENCE_BITS) + self.job.share {
                sum = sum.wrapping_sub(item);
                squares = squares.wrapping_sub(item.wrapping_mul(item));
            }
        }
        if sum != 0 || squares != 0 {
            return Err(Failure::Corrupt(format!("the {count} items that arrived are not those that were sent")));
        }
        if received.iter().any(|each| each.disorder) {
            return Err(Failure::Corrupt("items of one producer arrived out of order".to_string()));
        }
        Ok(())
    }
}
