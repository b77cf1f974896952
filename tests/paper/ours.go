package paper

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"time"

	"github.com/swimpair/swim/detector/probe"
	"github.com/swimpair/swim/proto/swim"
	"github.com/swimpair/swim/tests/sim"
)

// ours is a cluster of the simulator.
type ours struct {
	world *sim.World
	rng   *rand.Rand
	loss  [2]map[swim.NodeID]float64 // by direction
	said  []change                   // so far
}

func startOurs(n int, seed uint64) (system, error) { return startInOrder(n, seed, 0), nil }

// startInOrder starts a cluster that probes in an order; 0 is the default.
func startInOrder(n int, seed uint64, order probe.Order) *ours {
	o := &ours{
		world: sim.New(seed, nil), rng: rand.New(rand.NewPCG(seed, 1)),
		loss: [2]map[swim.NodeID]float64{{}, {}},
	}
	o.world.Order = order
	o.world.Form(n)
	return o
}

func (o *ours) now() time.Duration { return o.world.Now() }
func (o *ours) silence(i int)      { o.world.Nodes[i].PowerOff() }
func (o *ours) stop(i int)         { o.world.Nodes[i].Pause() }
func (o *ours) goOn(i int)         { o.world.Nodes[i].Resume() }
func (o *ours) hold(i int)         { o.world.Nodes[i].Hold() }
func (o *ours) release(i int)      { o.world.Nodes[i].Release() }
func (o *ours) close()             {}

func (o *ours) starve(i int) {
	o.world.Nodes[i].Starve(sim.Between(500*time.Millisecond, 2500*time.Millisecond))
}

func (o *ours) join() {
	id := len(o.world.Nodes) + 1
	o.world.Start(id, sim.Options{
		Host: sim.HostOf(id), Through: []swim.Address{sim.DisseminatorAddress(sim.HostOf(1), 1)},
	})
}

func (o *ours) lose(i int, way direction, share float64) {
	o.loss[way][idOf(i)] = share
	o.world.Network.Cut = func(from, to swim.NodeID) bool {
		return o.rng.Float64() < o.loss[egress][from] || o.rng.Float64() < o.loss[ingress][to]
	}
}

// pass keeps of the nodes' histories what is asked for: all of them, of a thousand nodes in a
// storm, are gigabytes.
func (o *ours) pass(d time.Duration) {
	for d > 0 {
		part := min(d, time.Second)
		o.world.Run(part)
		d -= part
		for i, n := range o.world.Nodes {
			o.keep(i, n.Disseminator.History)
			n.Disseminator.History = nil
		}
	}
}

func (o *ours) keep(observer int, history []sim.Seen) {
	for _, seen := range history {
		live := seen.Member.State.Live() && !seen.Removed
		if live != seen.Previous.Live() && seen.Member.ID != idOf(observer) {
			o.said = append(o.said, change{at: seen.At, observer: observer, subject: indexOf(seen.Member.ID), live: live})
		}
	}
}

func (o *ours) changes() []change { return slices.Clone(o.said) }

// sent counts each answer, too.
func (o *ours) sent() (sum uint64) {
	for _, requests := range o.world.Sent {
		sum += 2 * requests
	}
	return sum
}

func (o *ours) pings(i int) (sum uint64) {
	address := sim.DetectorAddress(sim.HostOf(i+1), i+1)
	for _, n := range o.world.Nodes {
		sum += uint64(n.Detector.Pings[address])
	}
	return sum
}

func idOf(i int) swim.NodeID { return swim.NodeID(strconv.Itoa(i + 1)) }

func indexOf(id swim.NodeID) int {
	number, err := strconv.Atoi(string(id))
	if err != nil {
		panic(err) // the simulator's ids are numbers
	}
	return number - 1
}
