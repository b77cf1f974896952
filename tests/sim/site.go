package sim

import (
	"strconv"
	"time"

	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/sim/audit"
)

// Site is one process of a model that is not ours, in the same world: the queue, the timers,
// the calls and the network are those that nodes have. What is known of the model from
// elsewhere, it has to show here, too.
type Site struct{ process }

// What a site's step is given, besides what its calls end with.
type (
	// SiteTick: the time that it waited for has come.
	SiteTick struct{}
	// SiteAsked is a call of another site, to be answered once.
	SiteAsked struct {
		Request any
		Answer  func(any)
	}
	// SiteAnswered is the answer to its own call; nil if none came in time.
	SiteAnswered struct{ Answer any }
)

// Place starts a site, with a host to itself. wait is how long it waits for its next tick.
func (w *World) Place(id int, step func(in any), wait func() time.Duration) *Site {
	n := &Node{ID: swim.NodeID(strconv.Itoa(id)), Name: swim.NodeID(strconv.Itoa(id)), world: w}
	s := &Site{process{
		world: w, node: n, name: string(n.ID) + " site", address: DetectorAddress(HostOf(id), id),
		half: audit.Detector, tick: SiteTick{}, step: step, wait: wait,
	}}
	s.start()
	return s
}

// Call asks another site.
func (s *Site) Call(to *Site, timeout time.Duration, request any) {
	c := &call{from: &s.process, kind: "site", timeout: timeout, ended: func(_ swim.Evidence, answer any) {
		s.deliver(SiteAnswered{Answer: answer})
	}}
	s.world.send(c, to.address, func(_ *Node, reply func(any)) any {
		return SiteAsked{Request: request, Answer: reply}
	})
}
