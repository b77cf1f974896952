package probe

import "time"

const (
	// minTimeout is for what a busy host does to a process: it lets it wait for tens of
	// milliseconds, whatever the network does.
	minTimeout = 100 * time.Millisecond
	// A proxy has so many times what a ping may take: its nack leaves when four fifths are over
	// (nackShare), and has to be back in time. But not less than minProxyTime.
	proxyTrips   = 5
	minProxyTime = 300 * time.Millisecond
)

// rtt is what a ping may take, judged by the acks of this node's own direct pings, of all
// members together (RFC 6298: mean and mean deviation, with its gains). It begins at the
// limit and comes down with the first few acks. A node that is in trouble itself gets longer
// time-outs, not shorter ones: its acks come late, or not at all, or its timers go off late.
type rtt struct {
	limit           time.Duration
	mean, deviation time.Duration
	missed          int // rounds without an ack of the direct ping, since the last ack
}

func newRTT(limit time.Duration) rtt { return rtt{limit: limit, deviation: limit / 4} }

// acked takes in how long one ack took. More than the limit says no more than the limit.
func (r *rtt) acked(took time.Duration) {
	off := min(took, r.limit) - r.mean
	r.mean += off / 8
	r.deviation += (max(off, -off) - r.deviation) / 4
	r.missed = 0
}

// late takes in how late a timer of this process went off: acks may be as late.
func (r *rtt) late(by time.Duration) { r.deviation = max(r.deviation, min(by, r.limit)) }

func (r *rtt) estimate() time.Duration { return r.mean + 4*r.deviation }

// timeout is how long the next ping has. It doubles with each round that was missed.
func (r *rtt) timeout() time.Duration {
	return min(max(r.estimate(), minTimeout)<<min(r.missed, 10), r.limit)
}

// proxyTime is how long proxies have, once they are asked.
func (c *Core) proxyTime() time.Duration {
	return min(max(proxyTrips*c.rtt.estimate(), minProxyTime), c.cfg.ProbeInterval-c.rtt.timeout())
}

// noteMissed takes in that a round ends without an ack of the direct ping. The silence of whom
// others suspect is its own.
func (c *Core) noteMissed() {
	if !c.isSuspectOfOthers(c.round.target) {
		c.rtt.missed++
	}
}
