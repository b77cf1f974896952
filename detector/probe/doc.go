// Package probe is the pure core of the detector: whom to ping when, and what to make of
// the answers.
//
// One protocol period at node A, whose target is B (SWIM 3.1):
//
//	A ->[Ping]-> B ->[ack]-> A                        B is alive; nothing more this period
//
//	A ->[Ping]-> B          (no ack within half of the probe time-out: the same once more)
//	A ->[Ping]-> B          (no ack of either within the probe time-out)
//	A ->[IndirectPing B]-> P1..Pk ->[Ping]-> B        k proxies in parallel
//	A <-[ack]- Pi                                     B is alive; only A's path to B is bad
//	A <-[nack]- P1..Pk, or their time is over         B is unreachable:
//	A ->[Disseminate]-> A's own disseminator          which decides what that means
//
// The intuition: one missed ping says little, for the path, the target's CPU or A itself
// may have had a bad moment. Other paths are asked before anything is said, and what is
// said goes to one place only, the table's owner. A late ack of the direct ping still
// counts: before the verdict it averts it, and for seconds after it is told as a sign of
// life. A period that the prober itself slept through counts for nothing: its clock ran on
// while its ears were shut.
//
// How long the time-outs are follows from how long acks take (rtt.go): on a fast network the
// verdict comes 0.4 s after the ping. A prober that is in trouble itself gives more time.
//
// Who is whose target follows from a ring that all nodes compute for themselves (ringorder.go), so
// that each member is pinged by one other in each period.
//
// A second ring, of positions that never change, says who observes whom (observers.go). To the
// four members that a node observes it keeps a connection (warm.go), and what the end of one
// means is in crash.go: a process that dies is known in milliseconds, by its own kernel.
//
// Besides the periods the core pings contacts (addresses that nobody has met yet) until
// somebody answers, pings on behalf of others as their proxy, answers pings, and shows
// its own disseminator with leases that its loop turns.
//
// The core does no I/O and has no clock: Step takes one input and returns what to do, in
// order; whatever comes of it comes back as another input. Outcomes carry the number of
// the ping that they belong to, and a number that nobody waits for is ignored, so nothing
// is ever cancelled.
package probe
