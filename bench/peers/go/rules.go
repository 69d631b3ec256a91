package main

// How the trees grow: the rules of harness/trees, with the numbers that bench/peers/trees.csv gives them.

import (
	"crypto/sha1"
	"encoding/binary"
	"encoding/csv"
	"fmt"
	"math"
	"math/bits"
	"os"
	"strconv"
)

// The path of trees.csv.
var treesFile string

// What travels through a queue: 32 bytes.
type node struct {
	place uint64 // differs for every node of a tree
	depth uint32
	state [5]uint32 // what the rule says it is
}

func (n *node) child(index uint32, state [5]uint32) node {
	hash := (n.place + uint64(index) + 1) * 0x9e3779b97f4a7c15
	hash ^= hash >> 29
	return node{hash >> 1, n.depth + 1, state}
}

func fingerprint(key uint64) uint64 {
	key ^= key >> 32
	key *= 0xd6e8feb86659fd93
	return key ^ key>>29
}

// What was visited. The content does not depend on the order.
type tally struct{ nodes, leaves, depth, content uint64 }

func (t *tally) enter(n *node, isLeaf bool) {
	t.nodes++
	if isLeaf {
		t.leaves++
	}
	if uint64(n.depth) > t.depth {
		t.depth = uint64(n.depth)
	}
	t.content += fingerprint(n.place ^ uint64(n.state[0]) ^ uint64(n.state[4])<<32)
}

func (t *tally) add(other tally) {
	t.nodes += other.nodes
	t.leaves += other.leaves
	t.content += other.content
	if other.depth > t.depth {
		t.depth = other.depth
	}
}

type rule interface {
	root() node
	// Appends the children.
	expand(parent *node, children []node) []node
}

type fibRule struct{ n uint32 }

func (r fibRule) root() node { return node{state: [5]uint32{r.n}} }
func (r fibRule) expand(parent *node, children []node) []node {
	of := parent.state[0]
	if of < 2 {
		return children
	}
	return append(children, parent.child(0, [5]uint32{of - 1}), parent.child(1, [5]uint32{of - 2}))
}

type skynetRule struct{ depth uint32 }

func (r skynetRule) root() node { return node{} }
func (r skynetRule) expand(parent *node, children []node) []node {
	if parent.depth == r.depth {
		return children
	}
	for i := uint32(0); i < 10; i++ {
		children = append(children, parent.child(i, [5]uint32{}))
	}
	return children
}

type nqueensRule struct{ n uint32 }

func (r nqueensRule) root() node { return node{} }
func (r nqueensRule) expand(parent *node, children []node) []node {
	if parent.depth == r.n {
		return children
	}
	all := uint32(1)<<r.n - 1
	taken, left, right := parent.state[0], parent.state[1], parent.state[2]
	index := uint32(0)
	for free := all &^ (taken | left | right); free != 0; free &= free - 1 {
		queen := uint32(1) << bits.TrailingZeros32(free)
		state := [5]uint32{taken | queen, (left | queen) << 1 & all, (right | queen) >> 1}
		children = append(children, parent.child(index, state))
		index++
	}
	return children
}

// Unbalanced Tree Search. Geometric: by depth, the logarithm of the chance of one child more. Binomial: without.
type utsRule struct {
	seed, rootChildren, inner uint32
	probability               float64
	logFailure                []float64
}

func (r *utsRule) root() node {
	var message [20]byte
	binary.BigEndian.PutUint32(message[16:], r.seed)
	return node{state: words(sha1.Sum(message[:]))}
}

func (r *utsRule) expand(parent *node, children []node) []node {
	count := r.children(parent)
	var message [24]byte
	for i, word := range parent.state {
		binary.BigEndian.PutUint32(message[4*i:], word)
	}
	for i := uint32(0); i < count; i++ {
		binary.BigEndian.PutUint32(message[20:], i)
		children = append(children, parent.child(i, words(sha1.Sum(message[:]))))
	}
	return children
}

func (r *utsRule) children(parent *node) uint32 {
	uniform := float64(parent.state[4]&0x7fffffff) / (1 << 31)
	if r.logFailure == nil {
		if parent.depth == 0 {
			return r.rootChildren
		}
		if uniform < r.probability {
			return r.inner
		}
		return 0
	}
	if int(parent.depth) >= len(r.logFailure) {
		return 0
	}
	return uint32(math.Min(math.Floor(math.Log(1-uniform)/r.logFailure[parent.depth]), 100))
}

func words(hash [20]byte) (state [5]uint32) {
	for i := range state {
		state[i] = binary.BigEndian.Uint32(hash[4*i:])
	}
	return state
}

// By level, the expected number of children in a geometric tree.
func geometric(shape string, depth uint32, branching float64) (logFailure []float64) {
	levels := depth
	if shape == "uts_cyclic" {
		levels = 5*depth + 1
	}
	for level := uint32(0); level < levels; level++ {
		part, expected := float64(level)/float64(depth), branching
		if level > 0 && shape == "uts_linear" {
			expected = branching * (1 - part)
		} else if level > 0 && shape == "uts_cyclic" {
			expected = math.Pow(branching, math.Sin(2*math.Pi*part))
		}
		logFailure = append(logFailure, math.Log(1-1/(1+expected)))
	}
	return logFailure
}

// The tree of that name, and what is known of it; its content is not.
func treeNamed(name string) (rule, tally, error) {
	file, err := os.Open(treesFile)
	if err != nil {
		refuse("%v", err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		refuse("%v", err)
	}
	for _, row := range rows {
		if row[0] != name {
			continue
		}
		number := func(column int) float64 {
			value, _ := strconv.ParseFloat(row[column], 64) // empty: 0
			return value
		}
		known := tally{nodes: uint64(number(7)), leaves: uint64(number(8)), depth: uint64(number(9))}
		size := uint32(number(2))
		switch row[1] {
		case "fib":
			return fibRule{size}, known, nil
		case "skynet":
			return skynetRule{size}, known, nil
		case "nqueens":
			return nqueensRule{size}, known, nil
		case "uts_binomial":
			return &utsRule{seed: uint32(number(6)), rootChildren: uint32(number(3)), inner: uint32(number(4)),
				probability: number(5)}, known, nil
		}
		return &utsRule{seed: uint32(number(6)), logFailure: geometric(row[1], size, number(3))}, known, nil
	}
	return nil, tally{}, skipped(fmt.Sprintf("the peer does not know tree '%s'", name))
}
