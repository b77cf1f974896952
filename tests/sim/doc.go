// Package sim runs whole clusters of the real cores in virtual time: no sockets, no
// goroutines, no clock. One seed decides everything, so a run can be repeated to the
// letter.
//
// A Node is two processes, each around one core: a detector (package probe) and a
// disseminator (package membership). The World carries their effects to one another with
// latency, and ends, cuts or pauses what a test tells it to:
//
//	core --effect--> World --latency--> core.Step(input) --effects--> World ...
//
// What TCP would do is modelled where a core can tell the difference: a dead process
// refuses, a paused one keeps its requests and answers them late, a cut says nothing, and
// a ping waits out its time-out even when it is refused (the service redials meanwhile).
package sim
