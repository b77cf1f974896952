package sim

import (
	"slices"
	"time"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/sim/audit"
)

// call is one RPC in flight.
type call struct {
	from    *process
	kind    string
	ended   func(swim.Evidence, any) // with the answer, if evidence is Acked
	over    bool
	timeout time.Duration
	lateFor time.Duration // how long after its time an answer is still taken, besides
	// waitForReady: a refusal is not the end, only the time-out is (the service dials again
	// meanwhile).
	waitForReady bool
	refused      bool
}

// send makes an RPC: request is built for the callee once it has arrived, with the
// function that answers it.
func (w *World) send(c *call, to swim.Address, request func(reply func(any)) any) {
	w.Sent[c.kind]++
	w.observe(audit.Sent{From: c.from.node.ID})
	w.after(c.timeout, func() {
		switch {
		case c.over:
		case c.refused:
			c.end(swim.Refused, nil)
		case c.lateFor > 0:
			c.ended(swim.Silent, nil)
			w.after(c.lateFor, func() { c.over = true })
		default:
			c.end(swim.Silent, nil)
		}
	})
	c.from.node.handle(func() {
		w.after(w.latency(), func() { w.arrive(c, to, request) })
	})
	if w.chance(w.Network.Duplicate) {
		w.after(w.latency(), func() { w.arrive(c, to, request) })
	}
}

// arrive is the request at the callee's host.
func (w *World) arrive(c *call, to swim.Address, request func(reply func(any)) any) {
	target := w.ports[to]
	switch {
	case target == nil && w.dark[to]: // nobody is there to refuse
	case target == nil && !w.unreachable(c.from.node.ID, to):
		c.refuse()
	case target == nil || w.lost(c.from, target):
	default:
		w.after(target.node.slowness(), func() {
			target.node.handle(func() { w.serve(c, target, request) })
		})
	}
}

// serve hands the request to the callee, and its answer to the caller.
func (w *World) serve(c *call, target *process, request func(reply func(any)) any) {
	if !target.alive {
		c.reset()
		return
	}
	target.serving = append(target.serving, c)
	target.deliver(request(func(answer any) {
		target.serving = slices.DeleteFunc(target.serving, func(other *call) bool { return other == c })
		if w.lost(target, c.from) {
			return
		}
		target.node.handle(func() {
			w.after(w.latency()+c.from.node.slowness(), func() {
				c.from.node.handle(func() { c.end(swim.Acked, answer) })
			})
		})
	}))
}

func (c *call) refuse() {
	if c.refused = true; !c.waitForReady {
		c.end(swim.Refused, nil)
	}
}

// reset is a connection that the callee's kernel has closed: no answer will come.
func (c *call) reset() {
	if c.refused = true; !c.waitForReady {
		c.end(swim.Silent, nil)
	}
}

func (c *call) end(evidence swim.Evidence, answer any) {
	if !c.over {
		c.over = true
		c.ended(evidence, answer)
	}
}
