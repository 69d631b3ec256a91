package main

// One JSON object per line: a request from standard input, a reply to standard output. Between two requests the
// process is blocked in a read.

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sort"
	"strings"
)

const protocol = 1

type reply map[string]interface{}

// A skipped cell cannot be measured here; the text says why.
type skipped string

func (s skipped) Error() string { return string(s) }

// Corrupt: what arrived is not what was sent.
type corrupt string

func (c corrupt) Error() string { return string(c) }

// What an open request asks for. A field that a request leaves out has its zero value.
type cell struct {
	scenario, itemBytes, tree      string
	producers, consumers, capacity int
	workProducerNs, workConsumerNs int
	sampleMs                       float64
}

// A request that breaks the protocol is no cell: the program ends.
func refuse(format string, values ...interface{}) {
	fmt.Fprintf(os.Stderr, "handoff-go: "+format+"\n", values...)
	os.Exit(2)
}

func whole(name string, value json.RawMessage, least int) int {
	var number int
	if err := json.Unmarshal(value, &number); err != nil || number < least {
		refuse("%s is %s; it must be a whole number, %d or more", name, value, least)
	}
	return number
}

func word(name string, value json.RawMessage) string {
	var text string
	if err := json.Unmarshal(value, &text); err != nil {
		refuse("%s is %s; it must be a word", name, value)
	}
	return text
}

// A field that is unknown here is skipped, not ignored: a sample without it would be another cell's.
func cellOf(fields map[string]json.RawMessage) (cell, error) {
	var c cell
	names := make([]string, 0, len(fields))
	for name := range fields {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		value := fields[name]
		switch name {
		case "scenario":
			c.scenario = word(name, value)
		case "item_bytes":
			c.itemBytes = word(name, value)
		case "tree":
			c.tree = word(name, value)
		case "producers":
			c.producers = whole(name, value, 1)
		case "consumers":
			c.consumers = whole(name, value, 1)
		case "capacity":
			c.capacity = whole(name, value, 1)
		case "work_producer_ns":
			c.workProducerNs = whole(name, value, 0)
		case "work_consumer_ns":
			c.workConsumerNs = whole(name, value, 0)
		case "seed": // nothing here is drawn by lot
			whole(name, value, 0)
		case "sample_ms":
			if err := json.Unmarshal(value, &c.sampleMs); err != nil || c.sampleMs <= 0 {
				refuse("sample_ms is %s; it must be above 0", value)
			}
		default:
			return c, skipped("the peer does not know " + name)
		}
	}
	for _, name := range []string{"scenario", "producers", "consumers", "capacity", "item_bytes", "sample_ms"} {
		if fields[name] == nil {
			refuse("the request is incomplete: %s is missing", name)
		}
	}
	if (c.scenario == "tree") != (c.tree != "") {
		refuse("tree goes with the scenario tree, and only with it")
	}
	return c, nil
}

func failure(err error) reply {
	var why skipped
	if errors.As(err, &why) {
		return reply{"status": "skipped", "detail": err.Error()}
	}
	return reply{"status": "corrupt", "detail": err.Error()}
}

// Answers until standard input ends.
func serve(hello reply, offered contender) {
	var take func() (reply, error)
	open := func(fields map[string]json.RawMessage) reply {
		take = nil // what the last cell held is gone before the next one is opened
		c, err := cellOf(fields)
		if err != nil {
			return failure(err)
		}
		if offered[c.scenario] == nil {
			return failure(skipped(fmt.Sprintf("the peer does not know scenario '%s'", c.scenario)))
		}
		if take, err = offered[c.scenario](c); err != nil {
			take = nil
			return failure(err)
		}
		return reply{"status": "ok"}
	}
	lines := bufio.NewReader(os.Stdin)
	for {
		line, err := lines.ReadString('\n')
		if err != nil {
			return
		}
		var fields map[string]json.RawMessage
		if json.Unmarshal([]byte(line), &fields) != nil || fields["id"] == nil || fields["request"] == nil {
			refuse("'%.60s' is not a request", strings.TrimSpace(line))
		}
		id, request := fields["id"], word("request", fields["request"])
		delete(fields, "id")
		delete(fields, "request")
		var answer reply
		switch {
		case request == "hello":
			answer = hello
		case request == "open":
			answer = open(fields)
		case request == "sample" && take != nil:
			runtime.GC() // what the last sample left behind is not collected in this one's window
			if answer, err = take(); err != nil {
				answer = failure(err)
			}
		default:
			refuse("unexpected request '%s'", request)
		}
		answer["id"] = id
		text, err := json.Marshal(answer)
		if err != nil {
			refuse("a reply cannot be written: %v", err)
		}
		if _, err := os.Stdout.Write(append(text, '\n')); err != nil {
			os.Exit(1)
		}
	}
}
