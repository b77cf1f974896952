package paper

import "github.com/swimpair/swim/tests/overlay"

// rule is one of the protocol's, and how the cores are without it.
type rule struct {
	name    string
	without []overlay.Edit
}

const (
	core     = "disseminator/membership/"
	detector = "detector/probe/"
)

// never makes a function without a result do nothing.
func never(file, function string) overlay.Edit {
	return overlay.Edit{File: file, Sound: function + " {\n", Other: function + " {\n\treturn\n"}
}

// rules are the protocol's, in the order in which docs/PROTOCOL.md tells of them.
var rules = []rule{
	{"time-outs follow the acks", []overlay.Edit{
		{File: detector + "rtt.go", Sound: "{ return r.mean + 4*r.deviation }", Other: "{ return r.limit + 0*r.mean }"},
	}},
	{"a slow ping is sent once more", []overlay.Edit{
		{File: detector + "round.go", Sound: "againAt:    c.now.Mono + timeout/2", Other: "againAt:    never"},
	}},
	{"late acks", []overlay.Edit{
		{File: detector + "config.go", Sound: "lateFor = 2 * time.Second", Other: "lateFor = 0 * time.Second"},
	}},
	{"accused asked at first missed ping", []overlay.Edit{never(core+"accuse.go", "func (c *Core) pingMissed(in PingMissed)")}},
	{"accused asked before others hear", []overlay.Edit{
		never(core+"accuse.go", "func (c *Core) pingMissed(in PingMissed)"),
		{
			File:  core + "accuse.go",
			Sound: "		c.accuse(accusation{occasion: onMissedPing, member: row, verdict: true, trace: in.Trace})\n",
			Other: "		c.suspect(row, swim.Unreachable, in.Trace)\n",
		},
	}},
	{"witnesses look", []overlay.Edit{never(detector+"urgent.go", "func (c *Core) witness(m swim.Member)")}},
	{"witnesses tell the accused", []overlay.Edit{
		{File: core + "suspicion.go", Sound: "		if rank := c.rankFor(&s); rank < rankedObservers {\n", Other: "		if rank := c.rankFor(&s); rank < 0 {\n"},
	}},
	{"confirmations: always the maximum", []overlay.Edit{
		{File: core + "suspicion.go", Sound: "	share := math.Log(", Other: "	share := 0 * math.Log("},
	}},
	{"confirmations: always the minimum", []overlay.Edit{
		{File: core + "suspicion.go", Sound: "	share := math.Log(", Other: "	share := 1 + 0*math.Log("},
	}},
	{"last question", []overlay.Edit{{
		File: core + "suspicion.go",
		Sound: "	s.decideAt = c.now.Mono + lastWord\n	c.accuse(accusation{occasion: onExpiry, member: row, trace: s.trace})\n" +
			"	if !isHalf(row) {\n		c.beat(Heartbeat{ProbeRequested: row.ID})\n	}\n",
		Other: "	s.decideAt = c.now.Mono\n",
	}}},
	{"a death needs its time here", []overlay.Edit{{
		File:  core + "admission.go",
		Sound: "	case m.State == swim.Failed && m.Reason != swim.Crashed && !c.hadItsTime(m):\n		c.hasten(m, trace)\n",
		Other: "",
	}}},
	{"false accusers ignored", []overlay.Edit{
		{File: core + "reputation.go", Sound: "	return c.falseAccusationsOf(accuser) >= falseAccusations\n", Other: "	return false\n"},
	}},
	{"self-pause, all", []overlay.Edit{
		never(core+"pause.go", "func (c *Core) noticePause(late time.Duration)"),
		never(detector+"core.go", "func (c *Core) noticePause(late time.Duration)"),
	}},
	{"self-pause: quiet afterwards", []overlay.Edit{never(core+"pause.go", "func (c *Core) keepQuiet(gap time.Duration)")}},
	{"self-pause: detector's round dropped", []overlay.Edit{never(detector+"core.go", "func (c *Core) stalled(late time.Duration)")}},
	{"shared fate", []overlay.Edit{
		{File: core + "suspicion.go", Sound: "	return suspects >= expectedWitnesses && 2*suspects > others\n", Other: "	return suspects > others\n"},
	}},
	{"signs of life, all", []overlay.Edit{
		{File: core + "witness.go", Sound: "	if s.heard || s.half ||", Other: "	if true || s.heard || s.half ||"},
	}},
	{"signs of life: a suspect's own calls", []overlay.Edit{never(detector+"late.go", "func (c *Core) heardSuspect(in PingReceived)")}},
	{"more time for who refuted late", []overlay.Edit{
		{File: core + "forbearance.go", Sound: "	if l == nil || l.took == 0 ||", Other: "	if true || l == nil || l.took == 0 ||"},
	}},
	{"who is out accuses nobody", []overlay.Edit{
		{File: core + "admission.go", Sound: "	return known && !row.State.Live()\n", Other: "	return known && row.ID == \"\"\n"},
	}},
	{"news overtakes slow calls", []overlay.Edit{
		{File: core + "broadcast.go", Sound: "		return max(p.retryAt, p.calledAt+c.interval()/2)\n", Other: "		return never\n"},
		{File: core + "broadcast.go", Sound: "		return p.calledAt + c.interval()<<min(p.overtaken, 4)\n", Other: "		return never\n"},
	}},
	{"local health (unwell), all", []overlay.Edit{
		{File: detector + "health.go", Sound: "Unwell: unwell})", Other: "Unwell: false && unwell})"},
	}},
	{"unwell: is no judge", []overlay.Edit{
		{File: core + "health.go", Sound: "{ return c.health.unwell && c.now.Mono-c.health.since < doubtMax }", Other: "{ return false }"},
		{File: core + "suspicion.go", Sound: "(c.isUnheard() || c.health.unwell)", Other: "c.isUnheard()"},
	}},
	{"unwell: does not refute", []overlay.Edit{
		{File: core + "comeback.go", Sound: "	return !c.health.unwell && (", Other: "	return ("},
	}},
	{"nobody answers: no judge", []overlay.Edit{
		{File: core + "health.go", Sound: "{ return row.State == swim.Alive }) >= 2\n", Other: "{ return row.State == swim.Alive }) > maxMembers\n"},
	}},
	{"waits before it comes back", []overlay.Edit{
		{File: core + "comeback.go", Sound: "	if b.count < 2 || well >= wait || patient {\n", Other: "	if true || well >= wait || patient {\n"},
	}},
	{"withdraws", []overlay.Edit{never(core+"comeback.go", "func (c *Core) withdraw()")}},
	{"a table is not believed", []overlay.Edit{
		{File: core + "admission.go", Sound: "	case how.synced, isGone(m), ", Other: "	case isGone(m), "},
	}},
	{"digests compared", []overlay.Edit{
		{File: core + "sync.go", Sound: "func (c *Core) viewsDiffer(in ViewsDiffer) {\n", Other: "func (c *Core) viewsDiffer(in ViewsDiffer) {\n\treturn\n"},
	}},
	{"the next is tried at once", []overlay.Edit{
		{File: core + "sync.go", Sound: "			c.nextHeal = c.now.Mono  // and so may be those that went with it\n", Other: ""},
	}},
}
