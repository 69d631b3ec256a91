//! One JSON object per line: a request from standard input, a reply to standard output. Between two requests the
//! process is blocked in a read.

use serde_json::{json, Map, Value};
use std::io::{BufRead, Write};

pub type Row = Map<String, Value>;
pub type Sampler = Box<dyn FnMut() -> Result<Row, Failure>>;

/// Why a cell has no sample.
pub enum Failure {
    Skipped(String),
    Corrupt(String),
}

impl Failure {
    fn row(self) -> Row {
        let (status, detail) = match self {
            Failure::Skipped(why) => ("skipped", why),
            Failure::Corrupt(why) => ("corrupt", why),
        };
        row(&[("status", json!(status)), ("detail", json!(detail))])
    }
}

pub fn unknown(name: &str, word: &str) -> Failure {
    Failure::Skipped(format!("the peer does not know {name} '{word}'"))
}

pub fn row(fields: &[(&str, Value)]) -> Row {
    fields.iter().map(|(name, value)| (name.to_string(), value.clone())).collect()
}

/// What an open request asks for. A field that a request leaves out is 0 or empty.
#[derive(Clone, Default)]
pub struct Cell {
    pub scenario: String,
    pub item_bytes: String,
    pub tree: String,
    pub producers: usize,
    pub consumers: usize,
    pub capacity: usize,
    pub work_producer_ns: u64,
    pub work_consumer_ns: u64,
    pub sample_ms: f64,
}

/// A request that breaks the protocol is no cell: the program ends.
pub fn refuse(sentence: &str) -> ! {
    eprintln!("handoff-rust: {sentence}");
    std::process::exit(2)
}

fn whole(name: &str, value: &Value, least: u64) -> u64 {
    match value.as_u64() {
        Some(number) if number >= least => number,
        _ => refuse(&format!("{name} is {value}; it must be a whole number, {least} or more")),
    }
}

fn word(name: &str, value: &Value) -> String {
    match value.as_str() {
        Some(text) => text.to_string(),
        None => refuse(&format!("{name} is {value}; it must be a word")),
    }
}

/// A field that is unknown here is skipped, not ignored: a sample without it would be another cell's.
fn cell_of(fields: &Row) -> Result<Cell, Failure> {
    let mut cell = Cell::default();
    for (name, value) in fields {
        match name.as_str() {
            "scenario" => cell.scenario = word(name, value),
            "item_bytes" => cell.item_bytes = word(name, value),
            "tree" => cell.tree = word(name, value),
            "producers" => cell.producers = whole(name, value, 1) as usize,
            "consumers" => cell.consumers = whole(name, value, 1) as usize,
            "capacity" => cell.capacity = whole(name, value, 1) as usize,
            "work_producer_ns" => cell.work_producer_ns = whole(name, value, 0),
            "work_consumer_ns" => cell.work_consumer_ns = whole(name, value, 0),
            "seed" => drop(whole(name, value, 0)), // nothing here is drawn by lot
            "sample_ms" => match value.as_f64() {
                Some(length) if length > 0.0 => cell.sample_ms = length,
                _ => refuse(&format!("sample_ms is {value}; it must be above 0")),
            },
            _ => return Err(Failure::Skipped(format!("the peer does not know {name}"))),
        }
    }
    for name in ["scenario", "producers", "consumers", "capacity", "item_bytes", "sample_ms"] {
        if !fields.contains_key(name) {
            refuse(&format!("the request is incomplete: {name} is missing"));
        }
    }
    if (cell.scenario == "tree") == cell.tree.is_empty() {
        refuse("tree goes with the scenario tree, and only with it");
    }
    Ok(cell)
}

fn request_of(line: &str) -> (Value, String, Row) {
    let parsed = serde_json::from_str::<Value>(line).ok();
    if let Some(Value::Object(mut fields)) = parsed {
        if let (Some(id), Some(request)) = (fields.remove("id"), fields.remove("request")) {
            return (id, word("request", &request), fields);
        }
    }
    let start: String = line.trim().chars().take(60).collect();
    refuse(&format!("'{start}' is not a request"))
}

/// Answers until standard input ends.
pub fn serve(name: &str, version: &str, open: impl Fn(&Cell) -> Result<Sampler, Failure>) {
    let mut sampler: Option<Sampler> = None;
    for line in std::io::stdin().lock().lines() {
        let (id, request, fields) = match line {
            Ok(line) => request_of(&line),
            Err(_) => return,
        };
        let mut answer = match (request.as_str(), &mut sampler) {
            ("hello", _) => row(&[("protocol", json!(1)), ("name", json!(name)), ("version", json!(version))]),
            ("open", _) => {
                sampler = None; // what the last cell held is gone before the next one is opened
                match cell_of(&fields).and_then(|cell| open(&cell)) {
                    Ok(opened) => {
                        sampler = Some(opened);
                        row(&[("status", json!("ok"))])
                    }
                    Err(failure) => failure.row(),
                }
            }
            ("sample", Some(take)) => take().unwrap_or_else(Failure::row),
            _ => refuse(&format!("unexpected request '{request}'")),
        };
        answer.insert("id".to_string(), id);
        let mut out = std::io::stdout().lock();
        if writeln!(out, "{}", Value::Object(answer)).and_then(|()| out.flush()).is_err() {
            std::process::exit(1);
        }
    }
}
