//! How the trees grow: the rules of harness/trees, with the numbers that bench/peers/trees.csv gives them.

use crate::protocol::{refuse, unknown, Failure};
use sha1::{Digest, Sha1};

/// What travels through a queue: 32 bytes.
#[derive(Clone, Copy, Default)]
pub struct Node {
    place: u64, // differs for every node of a tree
    depth: u32,
    state: [u32; 5], // what the rule says it is
}

impl Node {
    /// One of so many places, by which nodes are spread evenly.
    pub fn shard(&self, of: u64) -> usize {
        (self.place % of) as usize
    }

    fn child(&self, index: u32, state: [u32; 5]) -> Node {
        let key = self.place.wrapping_add(u64::from(index) + 1);
        let hash = key.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Node { place: (hash ^ (hash >> 29)) >> 1, depth: self.depth + 1, state }
    }
}

fn fingerprint(mut key: u64) -> u64 {
    key ^= key >> 32;
    key = key.wrapping_mul(0xd6e8_feb8_6659_fd93);
    key ^ (key >> 29)
}

/// What was visited. The content does not depend on the order.
#[derive(Clone, Copy, Default, Debug, PartialEq)]
pub struct Tally {
    pub nodes: u64,
    pub leaves: u64,
    pub depth: u64,
    pub content: u64,
}

impl Tally {
    pub fn enter(&mut self, node: &Node, is_leaf: bool) {
        self.nodes += 1;
        self.leaves += u64::from(is_leaf);
        self.depth = self.depth.max(u64::from(node.depth));
        let key = node.place ^ u64::from(node.state[0]) ^ (u64::from(node.state[4]) << 32);
        self.content = self.content.wrapping_add(fingerprint(key));
    }

    pub fn and(self, other: Tally) -> Tally {
        Tally {
            nodes: self.nodes + other.nodes,
            leaves: self.leaves + other.leaves,
            depth: self.depth.max(other.depth),
            content: self.content.wrapping_add(other.content),
        }
    }
}

#[derive(Clone)]
pub enum Rule {
    Fib(u32),
    Skynet(u32),
    Nqueens(u32),
    /// Of Unbalanced Tree Search; by depth, the logarithm of the chance of one child more.
    Geometric { seed: u32, log_failure: Vec<f64> },
    Binomial { seed: u32, root_children: u32, children: u32, probability: f64 },
}

impl Rule {
    pub fn root(&self) -> Node {
        let state = match self {
            Rule::Fib(n) => [*n, 0, 0, 0, 0],
            Rule::Skynet(_) | Rule::Nqueens(_) => [0; 5],
            Rule::Geometric { seed, .. } | Rule::Binomial { seed, .. } => hash(&[0, 0, 0, 0, *seed]),
        };
        Node { state, ..Node::default() }
    }

    /// Appends the children.
    pub fn expand(&self, parent: &Node, children: &mut Vec<Node>) {
        match self {
            Rule::Fib(_) if parent.state[0] < 2 => {}
            Rule::Fib(_) => {
                let of = parent.state[0];
                children.extend((0..2).map(|i| parent.child(i, [of - 1 - i, 0, 0, 0, 0])));
            }
            Rule::Skynet(depth) if parent.depth == *depth => {}
            Rule::Skynet(_) => children.extend((0..10).map(|i| parent.child(i, [0; 5]))),
            Rule::Nqueens(n) => place_queens(*n, parent, children),
            Rule::Geometric { log_failure, .. } => {
                let count = log_failure.get(parent.depth as usize).map_or(0.0, |log| {
                    ((1.0 - uniform(parent)).ln() / log).floor().min(100.0)
                });
                draw(parent, count as u32, children);
            }
            Rule::Binomial { root_children, .. } if parent.depth == 0 => draw(parent, *root_children, children),
            Rule::Binomial { children: count, probability, .. } => {
                draw(parent, if uniform(parent) < *probability { *count } else { 0 }, children)
            }
        }
    }
}

fn place_queens(n: u32, parent: &Node, children: &mut Vec<Node>) {
    if parent.depth == n {
        return;
    }
    let all = (1u32 << n) - 1;
    let [taken, left, right, ..] = parent.state;
    let mut free = all & !(taken | left | right);
    let mut index = 0;
    while free != 0 {
        let queen = free & free.wrapping_neg();
        free &= free - 1;
        let state = [taken | queen, ((left | queen) << 1) & all, (right | queen) >> 1, 0, 0];
        children.push(parent.child(index, state));
        index += 1;
    }
}

fn uniform(node: &Node) -> f64 {
    f64::from(node.state[4] & 0x7fff_ffff) / 2_147_483_648.0
}

fn draw(parent: &Node, count: u32, children: &mut Vec<Node>) {
    let [a, b, c, d, e] = parent.state;
    children.extend((0..count).map(|i| parent.child(i, hash(&[a, b, c, d, e, i]))));
}

fn hash(words: &[u32]) -> [u32; 5] {
    let mut sha = Sha1::new();
    words.iter().for_each(|word| sha.update(word.to_be_bytes()));
    let digest = sha.finalize();
    let mut state = [0; 5];
    for (word, bytes) in state.iter_mut().zip(digest.chunks_exact(4)) {
        *word = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    }
    state
}

/// By level, the expected number of children in a geometric tree.
fn geometric(shape: &str, depth: u32, branching: f64) -> Vec<f64> {
    let levels = if shape == "uts_cyclic" { 5 * depth + 1 } else { depth };
    let expected = |level: u32| match shape {
        "uts_linear" if level > 0 => branching * (1.0 - f64::from(level) / f64::from(depth)),
        "uts_cyclic" if level > 0 => {
            branching.powf((2.0 * std::f64::consts::PI * f64::from(level) / f64::from(depth)).sin())
        }
        _ => branching,
    };
    (0..levels).map(|level| (1.0 - 1.0 / (1.0 + expected(level))).ln()).collect()
}

/// The tree of that name, and what is known of it; its content is not.
pub fn tree_named(name: &str, trees: &str) -> Result<(Rule, Tally), Failure> {
    let text = std::fs::read_to_string(trees).unwrap_or_else(|error| refuse(&format!("{trees}: {error}")));
    let row = text.lines().map(|line| line.split(',').collect::<Vec<_>>()).find(|row| row[0] == name);
    let row = row.ok_or_else(|| unknown("tree", name))?;
    let number = |column: usize| row[column].parse::<f64>().unwrap_or(0.0); // empty: 0
    let (size, seed) = (number(2) as u32, number(6) as u32);
    let rule = match row[1] {
        "fib" => Rule::Fib(size),
        "skynet" => Rule::Skynet(size),
        "nqueens" => Rule::Nqueens(size),
        "uts_binomial" => Rule::Binomial {
            seed,
            root_children: number(3) as u32,
            children: number(4) as u32,
            probability: number(5),
        },
        shape => Rule::Geometric { seed, log_failure: geometric(shape, size, number(3)) },
    };
    let [nodes, leaves, depth] = [7, 8, 9].map(|column| number(column) as u64);
    Ok((rule, Tally { nodes, leaves, depth, content: 0 }))
}
