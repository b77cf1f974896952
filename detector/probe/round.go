package probe

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/swimpair/swim/proto/swim"
)

// phase of a round.
type phase uint8

const (
	over     phase = iota // nothing is open
	direct                // the direct ping is out
	indirect              // the proxies are asked as well
)

// round is one protocol period's probe of one target.
type round struct {
	phase      phase
	number     PingNumber
	target     swim.Member
	trace      swim.TraceID
	indirectAt time.Duration // when to ask the proxies
	end        time.Duration // when the period is over
	paths      []swim.Path   // every path tried; no evidence yet: still open
}

func (r *round) deadline() time.Duration {
	switch r.phase {
	case direct:
		return r.indirectAt
	case indirect:
		return r.end
	}
	return never
}

// abandon ends the round without a verdict if it is about that member.
func (r *round) abandon(id swim.NodeID) {
	if r.target.ID == id {
		r.phase = over
	}
}

// advanceRound moves the open round on with the clock, and starts the next period.
func (c *Core) advanceRound() {
	if c.round.phase == direct && c.now.Mono >= c.round.indirectAt {
		c.askProxies()
	}
	if c.round.phase == indirect && c.now.Mono >= c.round.end {
		c.judge()
	}
	if c.now.Mono >= c.nextPeriod {
		c.startRound()
	}
}

func (c *Core) startRound() {
	c.nextPeriod = c.now.Mono + c.cfg.ProbeInterval // a period that starts late is not cut short
	if c.stopping || c.pair.down != "" || !c.self().State.Live() {
		return // there would be nobody to tell
	}
	id, ok := c.order.next()
	if !ok {
		return
	}
	target, _ := c.view.get(id)
	c.round = round{
		phase:      direct,
		number:     c.newPing(),
		target:     target,
		trace:      c.newTrace(),
		indirectAt: c.now.Mono + c.cfg.ProbeTimeout,
		end:        c.nextPeriod,
		paths:      []swim.Path{{}},
	}
	// The direct ping stays open for nearly the whole period: a late ack is an ack.
	c.do(Ping{
		Number: c.round.number, Address: target.DetectorAddress, Target: target.ID,
		Instance: target.Instance, Timeout: share(pingShare, c.cfg.ProbeInterval), Trace: c.round.trace,
	})
}

func share(of float64, d time.Duration) time.Duration { return time.Duration(of * float64(d)) }

// askProxies sends the indirect pings: all at once, each with the rest of the period.
func (c *Core) askProxies() {
	c.round.phase = indirect
	proxies := c.chooseProxies()
	c.do(Event{
		Kind: PingMissed, Member: c.round.target.ID, Address: c.round.target.DetectorAddress,
		Detail: fmt.Sprintf("no ack, asking %d proxies", len(proxies)), Trace: c.round.trace,
	})
	for _, proxy := range proxies {
		c.round.paths = append(c.round.paths, swim.Path{Proxy: proxy.ID})
		c.do(IndirectPing{
			Number: c.round.number, Proxy: proxy, Target: c.round.target.ID,
			Instance: c.round.target.Instance, Timeout: c.round.end - c.now.Mono, Trace: c.round.trace,
		})
	}
}

// chooseProxies picks up to IndirectProbes alive members, neither the target nor this node.
func (c *Core) chooseProxies() []swim.Member {
	candidates := slices.DeleteFunc(c.view.copy(), func(m swim.Member) bool {
		return m.State != swim.Alive || m.ID == c.cfg.Self || m.ID == c.round.target.ID
	})
	c.rng.Shuffle(len(candidates), func(i, j int) {
		candidates[i], candidates[j] = candidates[j], candidates[i]
	})
	return candidates[:min(c.cfg.IndirectProbes, len(candidates))]
}

func (c *Core) pingEnded(in PingEnded) {
	if c.contactPingEnded(in) || c.proxiedPingEnded(in) {
		return
	}
	if c.round.phase == over || in.Number != c.round.number {
		return
	}
	switch evidence := classify(in, c.round.target); evidence {
	case swim.Acked:
		c.round.phase = over
	case swim.WrongTarget:
		c.reportOtherInstance(in.Responder)
		c.pathEnded("", evidence)
	default:
		c.pathEnded("", evidence)
	}
}

// classify says what an answer proves about the target: an ack by anybody else, or by
// another instance, proves nothing about it.
func classify(in PingEnded, target swim.Member) swim.Evidence {
	if in.Evidence != swim.Acked || in.Responder.ID == "" {
		return in.Evidence
	}
	if in.Responder.ID != target.ID {
		return swim.WrongTarget
	}
	if target.Instance != 0 && in.Responder.Instance != target.Instance {
		return swim.WrongTarget
	}
	return swim.Acked
}

// reportOtherInstance tells the disseminator who it is that answers at the target's
// address: most likely the target itself, started anew.
func (c *Core) reportOtherInstance(responder swim.Member) {
	if responder.ID == "" {
		return
	}
	c.do(Event{
		Kind: InstanceChanged, Member: c.round.target.ID, Address: c.round.target.DetectorAddress,
		Detail: fmt.Sprintf("node %s instance %s answers", responder.ID, responder.Instance), Trace: c.round.trace,
	})
	c.do(ReportReached{Address: c.round.target.DetectorAddress, Responder: responder, Trace: c.round.trace})
}

func (c *Core) indirectPingEnded(in IndirectPingEnded) {
	if c.round.phase == over || in.Number != c.round.number {
		return
	}
	if in.Evidence == swim.Acked {
		c.round.phase = over
		c.do(Event{Kind: IndirectlyAcked, Member: c.round.target.ID, Detail: "by " + string(in.Proxy), Trace: c.round.trace})
		return
	}
	c.pathEnded(in.Proxy, in.Evidence)
}

// pathEnded notes a path that ended without an ack. A direct ping that ends early brings
// the proxies forward; the last path to end brings the verdict forward.
func (c *Core) pathEnded(proxy swim.NodeID, evidence swim.Evidence) {
	for i := range c.round.paths {
		if p := &c.round.paths[i]; p.Evidence == 0 && p.Proxy == proxy {
			p.Evidence = evidence
		}
	}
	if c.round.phase == direct {
		c.askProxies()
	}
	open := slices.ContainsFunc(c.round.paths, func(p swim.Path) bool { return p.Evidence == 0 })
	if c.round.phase == indirect && !open {
		c.judge()
	}
}

// judge ends a round in which nobody acked.
func (c *Core) judge() {
	r := &c.round
	r.phase = over
	for i := range r.paths {
		p := &r.paths[i]
		switch {
		case p.Evidence == 0 && p.Proxy == "":
			p.Evidence = swim.Silent
		case p.Evidence == 0: // not even a nack: it says nothing about the target
			p.Evidence = swim.None
		}
	}
	if !slices.ContainsFunc(r.paths, func(p swim.Path) bool { return p.Evidence != swim.None }) {
		return // nothing was learned
	}
	c.do(Event{
		Kind: TargetUnreachable, Member: r.target.ID, Address: r.target.DetectorAddress,
		Detail: describe(r.paths), Trace: r.trace,
	})
	c.do(ReportUnreachable{Target: r.target, Paths: r.paths, Trace: r.trace})
}

func describe(paths []swim.Path) string {
	words := make([]string, len(paths))
	for i, p := range paths {
		words[i] = p.String()
	}
	return strings.Join(words, ", ")
}
