package main

// throughput: producers that send and consumers that receive over one channel, which is closed at the end.

import (
	"fmt"
	"math"
	"sort"
	"sync"
	"time"
)

// An item is its producer's number and its own number there.
const sequenceBits = 40

// In lengths of a sample, if the fewest items last longer than one.
const longestSample = 4

// The items that one consumer received.
type receipts struct {
	count, sum, squares uint64
	disorder            bool
	ended               time.Time
}

type stream struct {
	cell
	turnsProducer, turnsConsumer int
	share                        uint64 // items per producer
}

func openStream(c cell) (func() (reply, error), error) {
	if c.itemBytes != "8" {
		return nil, skipped(fmt.Sprintf("the peer does not know item_bytes '%s'", c.itemBytes))
	}
	s := &stream{cell: c, turnsProducer: turnsFor(c.workProducerNs), turnsConsumer: turnsFor(c.workConsumerNs)}
	clockNs := clockCost()
	if err := s.warmUp(); err != nil {
		return nil, err
	}
	return func() (reply, error) {
		if err := s.proveOrder(); err != nil {
			return nil, err
		}
		row, err := s.run()
		if err == nil {
			row["clock_ns"] = clockNs
		}
		return row, err
	}, nil
}

// Finds the number of items that fills a sample, the queue four times, and every worker's loop 64 times. The first
// runs may be slow for other reasons than their items, and any may be interrupted: the median of three decides.
func (s *stream) warmUp() error {
	itemsEach := func(items float64) uint64 { return uint64(items)/uint64(s.producers) + 1 }
	fewest := float64(4*s.capacity + 64*(s.producers+s.consumers))
	target := s.sampleMs * 1e-3
	s.share = itemsEach(256)
	fitting := make([]float64, 0, 3)
	for len(fitting) < cap(fitting) {
		row, err := s.run()
		if err != nil {
			return err
		}
		length := row["seconds"].(float64)
		if length >= target/4 {
			proportional := float64(s.share*uint64(s.producers)) * target / length
			fitting = append(fitting, math.Max(proportional, math.Min(fewest, proportional*longestSample)))
			s.share = itemsEach(fitting[len(fitting)-1])
		} else {
			fitting = fitting[:0]
			s.share *= 2
		}
	}
	sort.Float64s(fitting)
	s.share = itemsEach(fitting[1])
	return nil
}

// With no other goroutine there, what goes in first comes out first.
func (s *stream) proveOrder() error {
	channel := make(chan uint64, s.capacity)
	some := uint64(s.capacity)
	if some > 64 {
		some = 64
	}
	for n := uint64(0); n < some; n++ {
		channel <- n
	}
	for n := uint64(0); n < some; n++ {
		if <-channel != n {
			return corrupt("the first items of a fresh queue did not come out in the order that it promises, fifo")
		}
	}
	return nil
}

// One window with a fresh channel.
func (s *stream) run() (reply, error) {
	channel := make(chan uint64, s.capacity)
	start := make(chan struct{})
	received := make([]receipts, s.consumers)
	var producing, consuming sync.WaitGroup
	producing.Add(s.producers)
	consuming.Add(s.consumers)
	for p := 0; p < s.producers; p++ {
		go func(p uint64) {
			defer producing.Done()
			<-start
			s.produce(channel, p<<sequenceBits)
		}(uint64(p))
	}
	for c := range received {
		go func(into *receipts) {
			defer consuming.Done()
			<-start
			s.consume(channel, into)
		}(&received[c])
	}
	used := startUsage()
	began := time.Now()
	close(start)
	producing.Wait()
	close(channel)
	consuming.Wait()
	row := used.row()
	ended := began
	for _, each := range received {
		if each.ended.After(ended) {
			ended = each.ended
		}
	}
	length := ended.Sub(began).Seconds()
	count := s.share * uint64(s.producers)
	row["status"], row["items"], row["seconds"] = "ok", count, length
	row["items_per_second"] = float64(count) / length
	row["fairness_consumers"] = balance(received)
	return row, s.check(received)
}

func (s *stream) produce(channel chan<- uint64, first uint64) {
	for item := first; item < first+s.share; item++ {
		if s.turnsProducer != 0 {
			work(s.turnsProducer)
		}
		channel <- item
	}
}

func (s *stream) consume(channel <-chan uint64, into *receipts) {
	next := make([]uint64, s.producers) // the least item that may come from each producer
	var got receipts
	for item := range channel {
		if s.turnsConsumer != 0 {
			work(s.turnsConsumer)
		}
		producer := item >> sequenceBits
		got.disorder = got.disorder || item < next[producer]
		next[producer] = item + 1
		got.count++
		got.sum += item
		got.squares += item * item
	}
	got.ended = time.Now()
	*into = got
}

func balance(received []receipts) float64 {
	least, most := received[0].count, received[0].count
	for _, each := range received {
		if each.count < least {
			least = each.count
		}
		if each.count > most {
			most = each.count
		}
	}
	if most == 0 {
		return 1
	}
	return float64(least) / float64(most)
}

func (s *stream) check(received []receipts) error {
	var all receipts
	for _, each := range received {
		all.count += each.count
		all.sum += each.sum
		all.squares += each.squares
		all.disorder = all.disorder || each.disorder
	}
	count := s.share * uint64(s.producers)
	if all.count != count {
		return corrupt(fmt.Sprintf("%d items arrived of %d", all.count, count))
	}
	for p := uint64(0); p < uint64(s.producers); p++ {
		first := p << sequenceBits
		for item := first; item < first+s.share; item++ {
			all.sum -= item
			all.squares -= item * item
		}
	}
	if all.sum != 0 || all.squares != 0 {
		return corrupt(fmt.Sprintf("the %d items that arrived are not those that were sent", count))
	}
	if all.disorder {
		return corrupt("items of one producer arrived out of order")
	}
	return nil
}
