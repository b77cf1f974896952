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
	reached      *process // who has the request
}

// request builds the input of the callee, once it has arrived there, with the function that
// answers it.
type request func(at *Node, reply func(any)) any

// send makes an RPC.
func (w *World) send(c *call, to swim.Address, request request) {
	w.observe(audit.Sent{From: c.from.node.Name})
	to = w.Network.lookUp(to)
	w.after(c.timeout, func() {
		detours := w.Network.Reorder > 0 && c.kind == "indirect ping" // two of them take longer than a proxy leaves
		if !c.over && c.reached != nil && !detours {
			w.observe(audit.Unanswered{From: c.from.node.Name, To: c.reached.node.Name, Kind: c.kind})
		}
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
	c.from.transmit(func() {
		c.from.node.handle(func() {
			w.Sent[c.kind]++
			w.after(w.latency(), func() { w.arrive(c, to, request) })
		})
	})
	if w.chance(w.Network.Duplicate) {
		w.after(w.latency(), func() { w.arrive(c, to, request) })
	}
}

// arrive is the request at the callee's host.
func (w *World) arrive(c *call, to swim.Address, request request) {
	target := w.ports[to]
	switch {
	case target == nil && w.dark[to]: // nobody is there to refuse
	case target == nil && !w.unreachable(c.from.node.Name, to):
		c.refuse()
	case target == nil || w.requestLost(c.from, target):
	case w.Network.refusals[Cut{From: c.from.node.Name, To: target.node.Name}]:
		c.refuse()
	default:
		w.after(target.node.slowness(), func() {
			target.node.handle(func() { w.serve(c, target, request) })
		})
	}
}

// serve hands the request to the callee, and its answer to the caller.
func (w *World) serve(c *call, target *process, request request) {
	if !target.alive {
		c.reset()
		return
	}
	target.serving = append(target.serving, c)
	c.reached = target
	target.deliver(request(target.node, func(answer any) {
		target.serving = slices.DeleteFunc(target.serving, func(other *call) bool { return other == c })
		if w.answerLost(target, c.from) {
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
