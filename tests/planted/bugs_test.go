package planted_test

const (
	core     = "disseminator/membership/"
	detector = "detector/probe/"
	vocab    = "proto/swim/"

	safety   = "safety"
	liveness = "liveness"
)

// edit replaces one passage of a file.
type edit struct{ file, sound, planted string }

// bugs are what is planted: the name, where a system in the field had it, the edits, the
// rule of the auditor that has to notice, and in which kind of drawn schedules.
var bugs = []struct {
	name, field string
	rule, mode  string
	nodes       string // "": five
	edits       []edit
}{
	// What is said of somebody is believed, though it should not be; or not, though it should.
	{
		name: "any incarnation is believed", field: "memberlist#358: one message with the highest evicts for good",
		rule: "agreement", mode: liveness,
		edits: []edit{{core + "admission.go", "	return s.Incarnation <= limit\n", "	return limit > 0\n"}},
	},
	{
		name: "its own word is bound as that of others is", field: "our own: who has outbid several lies is not believed by who missed them",
		rule: "agreement", mode: liveness,
		edits: []edit{{core + "admission.go", "	case !(how.firstHand && how.by == m.ID) && !plausible(", "	case !plausible("}},
	},
	{
		name: "one word kills", field: "a spoofed failure notice",
		rule: "time", mode: safety,
		edits: []edit{{core + "admission.go", "	case m.State == swim.Failed && m.Reason != swim.Crashed && !c.hadItsTime(m):\n		c.hasten(m, trace)\n", ""}},
	},
	{
		name: "a goodbye in another's name is believed", field: "al8n/memberlist#200: spoofed self-leave",
		rule: "goodbye", mode: safety,
		edits: []edit{{core + "admission.go", "	case how.synced, isGone(m), c.isIgnored(m.Accuser), c.isOut(how.by):\n", "	case how.synced, c.isIgnored(m.Accuser), c.isOut(how.by):\n"}},
	},
	{
		name: "what stands in a table is believed", field: "memberlist: mergeState",
		rule: "time", mode: safety,
		edits: []edit{{core + "admission.go", "	case how.synced, isGone(m), c.isIgnored(m.Accuser), c.isOut(how.by):\n", "	case how.synced:\n		c.apply(m, trace)\n	case isGone(m), c.isIgnored(m.Accuser), c.isOut(how.by):\n"}},
	},
	{
		name: "whoever accuses is believed, however often it was wrong", field: "consul#5928: a semi-detached node",
		rule: "credulity", mode: safety,
		edits: []edit{{core + "reputation.go", "	return c.falseAccusationsOf(accuser) >= falseAccusations\n", "	return false\n"}},
	},
	{
		name: "a death does not replace the living", field: "al8n/memberlist#197",
		rule: "completeness", mode: liveness,
		edits: []edit{{vocab + "precedence.go", "		cmp.Compare(a.State, b.State),\n", ""}},
	},
	{
		name: "a death at a higher incarnation is not recorded", field: "al8n/memberlist#197: a late alive resurrects",
		rule: "resurrection", mode: safety, nodes: moreNodes,
		edits: []edit{{core + "admission.go", "	case !(how.firstHand && how.by == m.ID) && !plausible(m.Summary(), row.Incarnation):\n", "	case row.State == swim.Failed && m.State == swim.Failed:\n	case !(how.firstHand && how.by == m.ID) && !plausible(m.Summary(), row.Incarnation):\n"}},
	},
	{
		name: "a stale record is swallowed", field: "memberlist#311: nobody tells the node what to outbid",
		rule: "agreement", mode: liveness,
		edits: []edit{
			{core + "admission.go", "		return row, swim.Supersedes(row, m)\n", "		return row, false\n"},
			{core + "sync.go", "((!has && !isGone(*row)) || double || has && swim.CompareSummaries(row.Summary(), s) > 0)", "!has && !isGone(*row) && !double && s.ID == \"\""},
			{core + "sync.go", "	case s.ID != self.ID || self.State != swim.Alive:\n", "	case s.ID != \"\" || self.State != swim.Alive:\n"},
			{core + "join.go", "(!isGone(*m) || m.ID == joiner)", "!isGone(*m) && m.ID != joiner"},
		},
	},
	{
		name: "who is forgotten is only removed", field: "the seed, memberlist: no tombstone, and a Sync brings it back",
		rule: "resurrection", mode: safety,
		edits: []edit{{core + "operator.go", "	c.apply(row, trace)\n", "	c.apply(row, trace)\n	c.table.remove(row.ID)\n"}},
	},

	// Incarnations and lives.
	{
		name: "an accuser raises the incarnation", field: "SWIM 4.2: only the subject may",
		rule: "incarnation", mode: safety,
		edits: []edit{{core + "suspicion.go", "	claim.State, claim.Reason, claim.Accuser = swim.Suspect, why, c.cfg.Self.ID\n", "	claim.State, claim.Reason, claim.Accuser = swim.Suspect, why, c.cfg.Self.ID\n	claim.Incarnation++\n"}},
	},
	{
		name: "a restart begins at the first incarnation", field: "habitat#5581",
		rule: "agreement", mode: liveness,
		edits: []edit{
			{core + "core.go", "	self.Incarnation = swim.FirstIncarnation(now.Wall.UnixMilli())\n", "	self.Incarnation = 1\n"},
			{core + "conflict.go", "	case s.Incarnation < self.Incarnation || c.farewell.started:\n", "	case s.ID != \"\":\n"},
		},
	},
	{
		name: "the silence of a former life is held against the new one", field: "al8n/memberlist#158",
		rule: "haste", mode: safety,
		edits: []edit{
			{detector + "view.go", "		c.round.abandon(m.ID) // it is about a former life\n", ""},
			{core + "accuse.go", " || row.ID == c.cfg.Self.ID || !isCurrent(row, in.Incarnation, in.Instance):\n", " || row.ID == c.cfg.Self.ID:\n"},
			{core + "accuse.go", "	case a.void || a.verdict || swim.Supersedes(row, a.member):\n", "	case a.void || a.verdict:\n"},
		},
	},
	{
		name: "two processes with one id go on", field: "consul#2430: duplicate identities flap for ever",
		rule: "identity", mode: liveness,
		edits: []edit{{core + "conflict.go", "	if !c.admitted || swim.Supersedes(in.Responder, c.self()) {\n", "	if c.lastCall == 0 {\n"}},
	},
	{
		name: "who has left may not come back", field: "consul#6897: the name is refused after a leave",
		rule: "agreement", mode: liveness,
		edits: []edit{{core + "contact.go", "	case known && !swim.Supersedes(r, row):\n", "	case known && (row.State == swim.Left || !swim.Supersedes(r, row)):\n"}},
	},
	{
		name: "the address of a member that has moved is kept", field: "consul#3902, weaviate#3045",
		rule: "paths", mode: liveness,
		edits: []edit{{core + "table.go", "	before, _ := c.table.get(m.ID)\n	c.put(m)\n", "	before, known := c.table.get(m.ID)\n	if known && m.ID != c.cfg.Self.ID {\n		m.DetectorAddress, m.DisseminatorAddress = before.DetectorAddress, before.DisseminatorAddress\n	}\n	c.put(m)\n"}},
	},
	{
		name: "whoever answers at a dead member's address speaks for it", field: "our own: an answer did not say whose it is",
		rule: "completeness", mode: liveness,
		edits: []edit{
			{core + "broadcast.go", "in.ResponderID != \"\" && in.ResponderID != id {", "in.ResponderID != \"\" && id == \"\" {"},
			{core + "accuse.go", "in.ResponderID != \"\" && in.ResponderInstance != meant.Instance ||\n", "meant.ID == \"\" ||\n"},
		},
	},

	// Probes and suspicions.
	{
		name: "nobody is ever failed", field: "",
		rule: "completeness", mode: liveness,
		edits: []edit{{core + "suspicion.go", "			c.fail(row, s.trace) // the suspicion ends with it\n			i--\n", "			s.decideAt = 0\n"}},
	},
	{
		name: "the verdict does not wait for the proxies", field: "DAOS-11274: swim paranoia",
		rule: "paths", mode: liveness,
		edits: []edit{{detector + "round.go", "			Instance: c.round.target.Instance, Timeout: c.round.end - c.now.Mono, Trace: c.round.trace,\n		})\n	}\n", "			Instance: c.round.target.Instance, Timeout: c.round.end - c.now.Mono, Trace: c.round.trace,\n		})\n	}\n	c.judge()\n"}},
	},
	{
		name: "a proxy's nack comes too late", field: "memberlist: it waits for as long as its caller",
		rule: "answers", mode: liveness,
		edits: []edit{
			{detector + "config.go", "	nackShare = 0.8\n", "	nackShare = 1.0\n"},
			{detector + "proxy.go", "	c.ping(p.number, target, share(pingShare, patience), 0, in.Trace)\n", "	c.ping(p.number, target, patience, 0, in.Trace)\n"},
		},
	},
	{
		name: "the accused does not hear of it", field: "tarantool#4249, DAOS-6155: it learns too late",
		rule: "refutation", mode: safety,
		edits: []edit{
			{core + "broadcast.go", "	if row.State == swim.Suspect && about != c.cfg.Self.ID {\n", "	if row.State == swim.Suspect && about == \"\" {\n"},
			{core + "suspicion.go", "		if rank := c.rankFor(&s); rank < rankedObservers {\n", "		if rank := c.rankFor(&s); rank < 0 {\n"},
		},
	},
	{
		name: "hearsay counts as a witness", field: "memberlist: mergeState confirms suspicions",
		rule: "witnesses", mode: safety,
		edits: []edit{{core + "broadcast.go", "	c.noteOutcome(to, in.Evidence, p.calledAt)\n", "	c.noteOutcome(to, in.Evidence, p.calledAt)\n	for _, n := range p.sending {\n		if i, found := c.findSuspicion(n.about); found && in.Evidence == swim.Acked {\n			of := c.suspicions[i].of\n			c.witnessed(to, swim.Confirmation{ID: of.ID, Incarnation: of.Incarnation, Instance: of.Instance}, trace)\n		}\n	}\n"}},
	},
	{
		name: "one witness counts as often as it says so", field: "memberlist: confirmations are not independent",
		rule: "witnesses", mode: safety, nodes: moreNodes,
		edits: []edit{{core + "witness.go", "	case !slices.Contains(s.witnesses, by):\n", "	case !slices.Contains(s.witnesses, found.ID):\n"}},
	},
	{
		name: "a suspicion of a newer incarnation goes on with the old timer", field: "memberlist: suspectNode; kinship",
		rule: "time", mode: safety, nodes: moreNodes,
		edits: []edit{{core + "suspicion.go", "	case found && c.suspicions[i].of == row.Summary():\n", "	case found && c.suspicions[i].of.Instance == row.Instance:\n		c.suspicions[i].of = row.Summary()\n"}},
	},
	{
		name: "a small group does not wait for witnesses that it cannot have", field: "memberlist: no Lifeguard up to n = 3",
		rule: "witnesses", mode: safety, nodes: fewNodes,
		edits: []edit{{core + "suspicion.go", "	if s.half || s.heard || expected <= 0 {\n		return s.base\n	}\n", "	if s.half || s.heard {\n		return s.base\n	}\n	if expected < expectedWitnesses {\n		return shortest\n	}\n"}},
	},
	{
		name: "who stood still blames the others", field: "swarm#981, moby#38203: after SIGSTOP",
		rule: "reason", mode: safety,
		edits: []edit{
			{core + "pause.go", "	case late > tolerance:\n", "	case late > tolerance && c.started.Mono < 0:\n"},
			{detector + "core.go", "	case late > c.tolerance():\n", "	case late > c.tolerance() && c.started.Mono < 0:\n"},
		},
	},
	{
		name: "the minority judges the majority", field: "istio#60955, kinship: all paths share what is broken",
		rule: "fate", mode: safety, nodes: moreNodes,
		edits: []edit{{core + "suspicion.go", "	if doubt || c.sharedFate() && s.heldUntil == 0 {\n", "	if doubt {\n"}},
	},
	{
		name: "those left over wait for ever", field: "Eureka: self-preservation that does not end",
		rule: "completeness", mode: liveness, nodes: moreNodes,
		edits: []edit{{core + "suspicion.go", "	if doubt || c.sharedFate() && s.heldUntil == 0 {\n", "	if doubt || c.sharedFate() {\n"}},
	},
	{
		name: "a witness ends what was put off", field: "our own: a confirmation set the timer anew, in the past",
		rule: "fate", mode: safety, nodes: moreNodes,
		edits: []edit{{core + "witness.go", "		c.setTimer(s)\n		c.do(Event{Kind: SuspicionConfirmed", "		c.setTimer(s)\n		s.deadline = s.began + c.timeout(s)\n		c.do(Event{Kind: SuspicionConfirmed"}},
	},
	{
		name: "only the accuser counts, and nobody waits in case that it dies", field: "",
		rule: "completeness", mode: liveness,
		edits: []edit{{core + "suspicion.go", "		timeout = s.base + time.Duration(c.rankFor(s))*fallbackDelay\n", "		s.deadline = never\n		return\n"}},
	},
	{
		name: "the dead are not pinged, nor anybody else after them", field: "",
		rule: "completeness", mode: liveness,
		edits: []edit{{detector + "round.go", "	c.reportUnreachable(r.target, r.paths, r.trace)\n", "	c.order.remove(r.target.ID)\n"}},
	},
	{
		name: "the dead are said to have left", field: "",
		rule: "goodbye", mode: safety,
		edits: []edit{{core + "suspicion.go", "	row.State = swim.Failed\n", "	row.State = swim.Left\n"}},
	},

	// Coming back together.
	{
		name: "who has failed is forgotten for good", field: "memberlist#222, serf#605, weaviate#10698: no rejoin after a long partition",
		rule: "agreement", mode: liveness, nodes: moreNodes,
		edits: []edit{{core + "sync.go", "	c.startSync(syncCall{purpose: toHeal, about: m}, m.DisseminatorAddress, m.ID, m.ID)\n", "	_ = m\n"}},
	},
	{
		name: "a static address is forgotten once it was met", field: "habitat#180, ringpop: a heal needs an anchor",
		rule: "agreement", mode: liveness,
		edits: []edit{{core + "contact.go", "	if !k.static {\n		c.removeContact(k)\n	} else {\n		c.hide(k)\n	}\n", "	c.removeContact(k)\n"}},
	},
	{
		name: "a bootstrap address is forgotten once joined", field: "our own, and memberlist: whoever left and came back is nobody's business",
		rule: "agreement", mode: liveness, nodes: fewNodes,
		edits: []edit{{core + "join.go", "joined && c.isAnchored(address)", "joined"}},
	},
	{
		name: "a wrongly failed node never comes back", field: "",
		rule: "agreement", mode: liveness,
		edits: []edit{{core + "comeback.go", "	if b.count < 2 || well >= wait || patient {\n", "	if b.count < 0 && (well >= wait || patient) {\n"}},
	},

	// What is sent, and what watchers see.
	{
		name: "a failed push is repeated without a pause", field: "consul#1062, #5567: a storm under load",
		rule: "messages", mode: liveness,
		edits: []edit{{core + "broadcast.go", "	p.retryAt += p.backoff\n", ""}},
	},
	{
		name: "a queue keeps what is out of date", field: "consul#18078: it grows without end",
		rule: "messages", mode: liveness,
		edits: []edit{{core + "broadcast.go", "	case i < 0:\n", "	case i < len(list):\n"}},
	},
	{
		name: "a change is skipped", field: "serf: the stream drops events",
		rule: "history", mode: safety,
		edits: []edit{{core + "table.go", "	c.revision++\n", "	if c.revision++; c.revision%50 == 0 {\n		return\n	}\n"}},
	},
	{
		name: "the state before is wrong", field: "",
		rule: "history", mode: safety,
		edits: []edit{{core + "table.go", "	c.publish(m, before.State, m.State == swim.Forgotten)\n", "	c.publish(m, m.State, m.State == swim.Forgotten)\n"}},
	},

	// The two halves.
	{
		name: "an orphaned detector says nothing", field: "",
		rule: "completeness", mode: liveness,
		edits: []edit{{detector + "orphan.go", "	if c.pair.down != \"\" || c.stopping || (row.State", "	if m.ID != \"\" || (row.State"}},
	},
	{
		name: "a half that comes back is not believed", field: "",
		rule: "agreement", mode: liveness,
		edits: []edit{{core + "pair.go", "		c.pair.graceEnds = 0\n		c.refute()\n", "		c.pair.graceEnds = 0\n"}},
	},
	{
		name: "the other half is blamed at once", field: "",
		rule: "reason", mode: safety,
		edits: []edit{{detector + "pair.go", "	if c.pair.down == \"\" && c.now.Mono >= c.pair.silentAt {\n", "	if c.pair.down == \"\" && c.now.Mono+c.cfg.ProbeInterval*3/4 >= c.pair.silentAt {\n"}},
	},
}
