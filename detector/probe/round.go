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
	againAt    time.Duration // when to send the direct ping once more; never: it was
	indirectAt time.Duration // when to ask the proxies
	end        time.Duration // when the verdict is due: not later than the period is over
	paths      []swim.Path   // every path tried; no evidence yet: still open
}

func (r *round) deadline() time.Duration {
	switch r.phase {
	case direct:
		return min(r.againAt, r.indirectAt)
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
	if c.round.phase == direct && c.now.Mono >= c.round.againAt {
		c.pingAgain()
	}
	if c.round.phase == direct && c.now.Mono >= c.round.indirectAt {
		c.askProxies()
	}
	if c.round.phase == indirect && c.now.Mono >= c.round.end {
		c.judge()
	}
	if c.round.phase == over && len(c.hinted) > 0 {
		c.nextPeriod = c.now.Mono
	}
	if c.now.Mono >= c.nextPeriod {
		c.startRound()
	}
}

func (c *Core) startRound() {
	c.nextPeriod = c.now.Mono + c.cfg.ProbeInterval // a period that starts late is not cut short
	if c.stopping || c.pair.down != "" || !c.takesPart() {
		return // there would be nobody to tell
	}
	id, ok := c.nextHinted()
	if !ok {
		id, ok = c.order.next(c.epoch())
	}
	if !ok {
		return
	}
	target, _ := c.view.get(id)
	timeout := c.rtt.timeout()
	c.round = round{
		phase:      direct,
		number:     c.newPing(),
		target:     target,
		trace:      c.newTrace(),
		againAt:    c.now.Mono + timeout/2,
		indirectAt: c.now.Mono + timeout,
		end:        c.nextPeriod,
		paths:      []swim.Path{{}},
	}
	c.health.asked(ownPing{number: c.round.number, target: target.ID, at: c.now.Mono, excused: c.isSuspectOfOthers(target)})
	c.pingTarget()
}

// pingTarget sends the direct ping. It stays open for nearly the whole period: a late ack is
// an ack.
func (c *Core) pingTarget() {
	c.ping(c.round.number, c.round.target, share(pingShare, c.nextPeriod-c.now.Mono), lateFor, c.round.trace)
}

// pingAgain sends the direct ping once more, for one message may have got lost: an ack of
// either counts, since they have one number. It costs nothing while acks are as fast as usual.
func (c *Core) pingAgain() {
	c.round.againAt = never
	c.health.askedAgain(c.round.number)
	c.pingTarget()
}

func share(of float64, d time.Duration) time.Duration { return time.Duration(of * float64(d)) }

// askProxies sends the indirect pings: all at once, with the same time to answer.
func (c *Core) askProxies() {
	c.round.phase = indirect
	c.round.end = min(c.round.end, c.now.Mono+c.proxyTime())
	proxies := c.chooseProxies()
	c.do(Event{
		Kind: PingMissed, Member: c.round.target.ID, Address: c.round.target.DetectorAddress,
		Detail: fmt.Sprintf("no ack, asking %d proxies", len(proxies)), Trace: c.round.trace,
	})
	if !c.isHalf(c.round.target.ID) {
		c.do(ReportPingMissed{Target: c.round.target, Trace: c.round.trace})
	}
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
	var chosen []swim.Member
	seen := 0
	for i := range c.view.members { // one pass, each subset as likely (reservoir sampling, Vitter 1985)
		m := c.view.members[i]
		if m.State != swim.Alive || m.ID == c.cfg.Self || m.ID == c.round.target.ID {
			continue
		}
		seen++
		if len(chosen) < c.cfg.IndirectProbes {
			chosen = append(chosen, *m)
		} else if at := c.rng.IntN(seen); at < len(chosen) {
			chosen[at] = *m
		}
	}
	return chosen
}

// isHalf: one half of the member is known to be down. No other suspicion runs meanwhile.
func (c *Core) isHalf(id swim.NodeID) bool {
	row, _ := c.view.get(id)
	return row.State == swim.Suspect && (row.Reason == swim.DetectorDown || row.Reason == swim.DisseminatorDown)
}

func (c *Core) pingEnded(in PingEnded) {
	if sent, first := c.health.ended(in); first && in.Evidence == swim.Acked {
		c.rtt.acked(c.now.Mono - sent)
	}
	if in.Evidence == swim.Acked {
		c.compareDigest(in.Responder.ID, in.Digest, c.round.trace)
		c.noteAcquaintance(in)
		c.heardOf(in.Responder.ID, in.Responder.Instance)
	}
	if c.contactPingEnded(in) || c.proxiedPingEnded(in) || c.urgentPingEnded(in) || c.warmPingEnded(in) || c.latePingEnded(in) {
		return
	}
	if c.round.phase == over || in.Number != c.round.number {
		return
	}
	switch evidence := classify(in, c.round.target); evidence {
	case swim.Acked:
		c.round.phase = over
		c.suspectAnswers(c.round.target, in.Responder, c.round.trace)
	case swim.HalfDown:
		c.round.phase = over
		c.reportHalfDown(c.round.target, c.round.trace)
	case swim.WrongTarget:
		c.reportOtherInstance(c.round.target, in.Responder, c.round.trace)
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
	if in.DisseminatorDown {
		return swim.HalfDown
	}
	return swim.Acked
}

// reportOtherInstance tells the disseminator who it is that answers at the target's
// address: most likely the target itself, started anew.
func (c *Core) reportOtherInstance(target, responder swim.Member, trace swim.TraceID) {
	if responder.ID == "" {
		return
	}
	c.do(Event{
		Kind: InstanceChanged, Member: target.ID, Address: target.DetectorAddress,
		Detail: fmt.Sprintf("node %s instance %s answers", responder.ID, responder.Instance), Trace: trace,
	})
	c.do(ReportReached{Address: target.DetectorAddress, Responder: responder, Trace: trace})
}

func (c *Core) indirectPingEnded(in IndirectPingEnded) {
	if c.round.phase == over || in.Number != c.round.number {
		return
	}
	if in.Evidence == swim.Acked {
		c.round.phase = over
		c.noteMissed()
		c.do(Event{Kind: IndirectlyAcked, Member: c.round.target.ID, Detail: "by " + string(in.Proxy), Trace: c.round.trace})
		c.reportHeard(c.round.target.ID, c.round.trace)
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
	c.noteMissed()
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
	c.awaitLateAck(r)
	c.reportUnreachable(r.target, r.paths, r.trace)
}

// reportUnreachable tells the own disseminator. Nothing new is said of a member whose
// detector is known to be down.
func (c *Core) reportUnreachable(target swim.Member, paths []swim.Path, trace swim.TraceID) {
	if row, _ := c.view.get(target.ID); row.State == swim.Suspect && row.Reason == swim.DetectorDown {
		return
	}
	c.do(Event{
		Kind: TargetUnreachable, Member: target.ID, Address: target.DetectorAddress,
		Detail: describe(paths), Trace: trace,
	})
	c.do(ReportUnreachable{Target: target, Paths: paths, Trace: trace})
}

func describe(paths []swim.Path) string {
	words := make([]string, len(paths))
	for i, p := range paths {
		words[i] = p.String()
	}
	return strings.Join(words, ", ")
}
