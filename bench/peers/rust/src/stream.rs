//! throughput: producers that send and consumers that receive over one channel, whose last sender leaves at the end.

use crate::protocol::{row, unknown, Cell, Failure, Row, Sampler};
use crate::usage::{clock_cost, turns_for, work, Usage};
use crossbeam_channel::{bounded, Receiver, Sender};
use serde_json::json;
use std::sync::Barrier;
use std::time::Instant;

/// An item is its producer's number and its own number there.
const SEQUENCE_BITS: u32 = 40;

/// The items that one consumer received.
struct Receipts {
    count: u64,
    sum: u64,
    squares: u64,
    disorder: bool,
    ended: Instant,
}

struct Stream {
    cell: Cell,
    turns_producer: u64,
    turns_consumer: u64,
    share: u64, // items per producer
}

pub fn open(cell: &Cell) -> Result<Sampler, Failure> {
    if cell.item_bytes != "8" {
        return Err(unknown("item_bytes", &cell.item_bytes));
    }
    let mut stream = Stream {
        turns_producer: turns_for(cell.work_producer_ns),
        turns_consumer: turns_for(cell.work_consumer_ns),
        share: 0,
        cell: cell.clone(),
    };
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
        items as u64 / self.cell.producers as u64 + 1
    }

    /// Finds the number of items that fills a sample, the queue four times, and every worker's loop 64 times. The
    /// first runs may be slow for other reasons than their items.
    fn warm_up(&mut self) -> Result<(), Failure> {
        let workers = self.cell.producers + self.cell.consumers;
        let fewest = self.items_each((4 * self.cell.capacity + 64 * workers) as f64);
        let target = self.cell.sample_ms * 1e-3;
        self.share = self.items_each(256.0);
        let mut steady = 0;
        while steady < 3 {
            let length = self.run()?["seconds"].as_f64().unwrap_or(target);
            if length >= target / 4.0 {
                steady += 1;
                let all = (self.share * self.cell.producers as u64) as f64;
                self.share = self.items_each(all * target / length);
            } else {
                steady = 0;
                self.share *= 2;
            }
            if self.share < fewest {
                self.share = fewest;
                steady = 3;
            }
        }
        Ok(())
    }

    /// With no other thread there, what goes in first comes out first.
    fn prove_order(&self) -> Result<(), Failure> {
        let (sender, receiver) = bounded(self.cell.capacity);
        let some = self.cell.capacity.min(64) as u64;
        (0..some).for_each(|number| sender.send(number).expect("the receiver is there"));
        if (0..some).all(|number| receiver.recv() == Ok(number)) {
            return Ok(());
        }
        let sentence = "the first items of a fresh queue did not come out in the order that it promises, fifo";
        Err(Failure::Corrupt(sentence.to_string()))
    }

    /// One window with a fresh channel.
    fn run(&self) -> Result<Row, Failure> {
        let (sender, receiver) = bounded(self.cell.capacity);
        let start = Barrier::new(self.cell.producers + self.cell.consumers + 1);
        let (received, began, used) = std::thread::scope(|scope| {
            for producer in 0..self.cell.producers as u64 {
                let (own, start) = (sender.clone(), &start);
                scope.spawn(move || {
                    start.wait();
                    self.produce(&own, producer << SEQUENCE_BITS)
                });
            }
            let consumers: Vec<_> = (0..self.cell.consumers)
                .map(|_| {
                    let (own, start) = (receiver.clone(), &start);
                    scope.spawn(move || {
                        start.wait();
                        self.consume(&own)
                    })
                })
                .collect();
            drop(sender);
            let used = Usage::start();
            let began = Instant::now();
            start.wait();
            let received: Vec<Receipts> = consumers.into_iter().map(|each| each.join().expect("no panic")).collect();
            (received, began, used.row())
        });
        let ended = received.iter().map(|each| each.ended).max().unwrap_or(began);
        let length = (ended - began).as_secs_f64();
        let count = self.share * self.cell.producers as u64;
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

    fn produce(&self, channel: &Sender<u64>, first: u64) {
        for item in first..first + self.share {
            if self.turns_producer != 0 {
                work(self.turns_producer);
            }
            channel.send(item).expect("a consumer is there");
        }
    }

    fn consume(&self, channel: &Receiver<u64>) -> Receipts {
        let mut next = vec![0u64; self.cell.producers]; // the least item that may come from each producer
        let mut got = Receipts { count: 0, sum: 0, squares: 0, disorder: false, ended: Instant::now() };
        while let Ok(item) = channel.recv() {
            if self.turns_consumer != 0 {
                work(self.turns_consumer);
            }
            let producer = (item >> SEQUENCE_BITS) as usize;
            got.disorder |= item < next[producer];
            next[producer] = item + 1;
            got.count += 1;
            got.sum = got.sum.wrapping_add(item);
            got.squares = got.squares.wrapping_add(item.wrapping_mul(item));
        }
        got.ended = Instant::now();
        got
    }

    fn check(&self, received: &[Receipts]) -> Result<(), Failure> {
        let count = self.share * self.cell.producers as u64;
        let arrived: u64 = received.iter().map(|each| each.count).sum();
        if arrived != count {
            return Err(Failure::Corrupt(format!("{arrived} items arrived of {count}")));
        }
        let (mut sum, mut squares) = (0u64, 0u64);
        for each in received {
            sum = sum.wrapping_add(each.sum);
            squares = squares.wrapping_add(each.squares);
        }
        for producer in 0..self.cell.producers as u64 {
            for item in producer << SEQUENCE_BITS..(producer << SEQUENCE_BITS) + self.share {
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
