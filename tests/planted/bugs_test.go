package planted_test

const (
	core  = "disseminator/membership/"
	vocab = "proto/swim/"
)

// bugs are what is planted: where a system in the field had it, the edit, and the rule of
// the auditor that has to notice.
var bugs = []struct{ name, file, sound, planted, rule, nodes string }{
	{
		name: "nobody is ever failed", rule: "completeness",
		file: core + "suspicion.go", sound: "			c.fail(row, s.trace) // the suspicion ends with it\n			i--\n", planted: "			s.decideAt = 0\n",
	},
	{
		name: "one word kills", rule: "time", // a spoofed failure notice
		file: core + "admission.go", sound: "	case m.State == swim.Failed && m.Reason != swim.Crashed && !c.hadItsTime(m):\n		c.hasten(m, trace)\n", planted: "",
	},
	{
		name: "what stands in a table is believed", rule: "time", // memberlist: mergeState
		file: core + "admission.go", sound: "	case how.synced, isGone(m), c.isIgnored(m.Accuser):\n", planted: "	case how.synced:\n		c.apply(m, trace)\n	case isGone(m), c.isIgnored(m.Accuser):\n",
	},
	{
		name: "who has failed is forgotten for good", rule: "agreement", nodes: moreNodes, // memberlist#222, serf#605
		file: core + "sync.go", sound: "	c.startSync(syncCall{purpose: toHeal, about: m}, m.DisseminatorAddress, m.ID, m.ID)\n", planted: "	_ = m\n",
	},
	{
		name: "a wrongly failed node never comes back", rule: "agreement",
		file: core + "comeback.go", sound: "	if quiet || (b.waitSince", planted: "	if false && quiet || (b.count < 0 && b.waitSince",
	},
	{
		name: "a death does not replace the living", rule: "completeness", // al8n/memberlist#197
		file: vocab + "precedence.go", sound: "		cmp.Compare(a.State, b.State),\n", planted: "",
	},
	{
		name: "an accuser raises the incarnation", rule: "incarnation",
		file: core + "suspicion.go", sound: "	claim.State, claim.Reason, claim.Accuser = swim.Suspect, why, c.cfg.Self.ID\n", planted: "	claim.State, claim.Reason, claim.Accuser = swim.Suspect, why, c.cfg.Self.ID\n	claim.Incarnation++\n",
	},
	{
		name: "the dead are said to have left", rule: "goodbye",
		file: core + "suspicion.go", sound: "	row.State = swim.Failed\n", planted: "	row.State = swim.Left\n",
	},
	{
		name: "a change is skipped", rule: "history", // serf: the stream drops events
		file: core + "table.go", sound: "	c.revision++\n", planted: "	if c.revision++; c.revision%50 == 0 {\n		return\n	}\n",
	},
	{
		name: "the state before is wrong", rule: "history",
		file: core + "table.go", sound: "	c.publish(m, before.State, m.State == swim.Forgotten)\n", planted: "	c.publish(m, m.State, m.State == swim.Forgotten)\n",
	},
	{
		name: "a failed push is repeated without a pause", rule: "messages", // consul#1062
		file: core + "broadcast.go", sound: "	p.retryAt += p.backoff\n", planted: "",
	},
	{
		name: "an orphaned detector says nothing", rule: "completeness",
		file: "detector/probe/orphan.go", sound: "	if c.pair.down != \"\" || c.stopping || (row.State", planted: "	if m.ID != \"\" || (row.State",
	},
	{
		name: "a half that comes back is not believed", rule: "agreement",
		file: core + "pair.go", sound: "		c.pair.graceEnds = 0\n		c.refute()\n", planted: "		c.pair.graceEnds = 0\n",
	},
	{
		name: "the other half is blamed at once", rule: "reason",
		file: "detector/probe/pair.go", sound: "	if c.pair.down == \"\" && c.now.Mono >= c.pair.silentAt {\n", planted: "	if c.pair.down == \"\" && c.now.Mono+c.cfg.ProbeInterval*3/4 >= c.pair.silentAt {\n",
	},
	{
		name: "the dead are not pinged, nor anybody else after them", rule: "completeness",
		file: "detector/probe/round.go", sound: "	c.reportUnreachable(r.target, r.paths, r.trace)\n", planted: "	c.order.remove(r.target.ID)\n",
	},
	{
		name: "only the accuser counts, and nobody waits in case that it dies", rule: "completeness",
		file: core + "suspicion.go", sound: "	s.deadline = s.began + s.base + time.Duration(c.rankFor(s))*fallbackDelay\n", planted: "	s.deadline = never\n",
	},
}
