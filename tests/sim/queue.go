package sim

import "time"

// event is something that happens at a time of the world.
type event struct {
	at    time.Duration
	order uint64
	run   func()
}

// before: events at one time run in the order of their making, so that a run is the same
// every time.
func (e *event) before(other *event) bool {
	if e.at != other.at {
		return e.at < other.at
	}
	return e.order < other.order
}

// queue is a heap with four children per node: shallower than one with two, and faster
// with so many events in it.
type queue []event

const children = 4

func (q *queue) push(e event) {
	*q = append(*q, e)
	list := *q
	i := len(list) - 1
	for i > 0 {
		parent := (i - 1) / children
		if !e.before(&list[parent]) {
			break
		}
		list[i] = list[parent]
		i = parent
	}
	list[i] = e
}

func (q *queue) pop() event {
	list := *q
	first, last := list[0], list[len(list)-1]
	list[len(list)-1] = event{} // so that what it refers to can be freed
	list = list[:len(list)-1]
	*q = list
	if len(list) > 0 {
		list.sink(last)
	}
	return first
}

// sink puts e where the first was.
func (q queue) sink(e event) {
	i := 0
	for {
		least := children*i + 1
		if least >= len(q) {
			break
		}
		for child := least + 1; child < min(children*i+1+children, len(q)); child++ {
			if q[child].before(&q[least]) {
				least = child
			}
		}
		if !q[least].before(&e) {
			break
		}
		q[i] = q[least]
		i = least
	}
	q[i] = e
}
