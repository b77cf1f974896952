package paper

import (
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"time"
)

// theirs is memberlist in the rig.
type theirs struct {
	peers  *peers
	rng    *rand.Rand
	closed atomic.Bool
}

func startMemberlist(n int, seed uint64) (system, error) {
	p, err := startPeers(n, seed)
	if err != nil {
		return nil, err
	}
	for !p.formed() { // some wait for the first comparison of tables, half a minute
		time.Sleep(time.Second)
	}
	return &theirs{peers: p, rng: rand.New(rand.NewPCG(seed, 1))}, nil
}

func (m *theirs) pass(d time.Duration) { time.Sleep(d) }
func (m *theirs) now() time.Duration   { return time.Since(m.peers.started) }
func (m *theirs) silence(i int)        { m.peers.port(i).kill() }
func (m *theirs) stop(i int)           { m.peers.port(i).hold() } // nobody else can tell the difference
func (m *theirs) goOn(i int)           { m.peers.port(i).release() }
func (m *theirs) hold(i int)           { m.peers.port(i).hold() }
func (m *theirs) release(i int)        { m.peers.port(i).release() }
func (m *theirs) pings(i int) uint64   { return m.peers.port(i).pinged.Load() }

func (m *theirs) close() {
	m.closed.Store(true)
	m.peers.stop()
}

func (m *theirs) starve(i int) {
	t := m.peers.port(i)
	t.mu.Lock()
	defer t.mu.Unlock()
	t.slow = func() time.Duration { return 500*time.Millisecond + time.Duration(m.rng.Int64N(int64(2*time.Second))) }
}

// join tries every second, as an agent around memberlist does.
func (m *theirs) join() {
	node, err := m.peers.create()
	if err != nil {
		panic(err) // the rig's addresses are valid and free
	}
	go func() {
		for m.peers.admit(node) != nil && !m.closed.Load() {
			time.Sleep(time.Second)
		}
	}()
}

func (m *theirs) lose(i int, way direction, share float64) {
	t := m.peers.port(i)
	m.peers.mu.Lock()
	defer m.peers.mu.Unlock()
	t.loss[way] = share
}

func (m *theirs) changes() []change {
	m.peers.mu.Lock()
	defer m.peers.mu.Unlock()
	return slices.Clone(m.peers.changes)
}

func (m *theirs) sent() uint64 {
	m.peers.mu.Lock()
	defer m.peers.mu.Unlock()
	return m.peers.sent
}
