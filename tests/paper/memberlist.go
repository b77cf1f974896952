package paper

import (
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"github.com/hashicorp/memberlist"
)

// peers is a cluster of real memberlist nodes over a network in memory. It lives in a bubble
// of testing/synctest: its time is virtual, its code is the released one.
type peers struct {
	mu      sync.Mutex
	rng     *rand.Rand
	started time.Time
	ports   map[string]*transport
	nodes   []*memberlist.Memberlist
	deaths  []death
}

// death is one node's word that another has failed.
type death struct {
	at                time.Duration
	observer, subject int
}

// startPeers starts n nodes with LAN defaults, which join through the first.
func startPeers(n int, seed uint64) (*peers, error) {
	p := &peers{rng: rand.New(rand.NewPCG(seed, 0)), started: time.Now(), ports: map[string]*transport{}}
	for i := range n { // all before any node runs: the nodes read the map
		t := &transport{
			peers: p, addr: addrOf(i),
			packets: make(chan *memberlist.Packet, 4096), streams: make(chan net.Conn, 64), gone: make(chan struct{}),
		}
		p.ports[t.addr] = t
	}
	for i := range n {
		t := p.port(i)
		cfg := memberlist.DefaultLANConfig()
		host, _, _ := net.SplitHostPort(t.addr)
		cfg.Name, cfg.BindAddr, cfg.AdvertiseAddr = fmt.Sprint(i), host, host
		cfg.Transport, cfg.Events = t, &observer{peers: p, self: i}
		cfg.Logger = log.New(io.Discard, "", 0)
		m, err := memberlist.Create(cfg)
		if err != nil {
			return nil, err
		}
		p.nodes = append(p.nodes, m)
		if i > 0 {
			if _, err := m.Join([]string{"10.0.0.1:7946"}); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

// stop ends all nodes, and waits until whatever they had begun has timed out.
func (p *peers) stop() {
	for _, m := range p.nodes {
		_ = m.Shutdown()
	}
	time.Sleep(time.Minute)
}

func (p *peers) port(i int) *transport { return p.ports[addrOf(i)] }

// addrOf is the address of the node with that number.
func addrOf(i int) string { return fmt.Sprintf("10.0.%d.%d:7946", i/250, 1+i%250) }

// latency is that of the simulator: 0.2 to 1 ms.
func (p *peers) latency() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return 200*time.Microsecond + time.Duration(p.rng.Int64N(int64(800*time.Microsecond)))
}

// observer keeps what one node says.
type observer struct {
	peers *peers
	self  int
}

func (o *observer) NotifyJoin(*memberlist.Node)   {}
func (o *observer) NotifyUpdate(*memberlist.Node) {}
func (o *observer) NotifyLeave(n *memberlist.Node) {
	var subject int
	_, _ = fmt.Sscan(n.Name, &subject)
	o.peers.mu.Lock()
	defer o.peers.mu.Unlock()
	o.peers.deaths = append(o.peers.deaths, death{at: time.Since(o.peers.started), observer: o.self, subject: subject})
}

// transport is one node's network.
type transport struct {
	peers   *peers
	addr    string
	packets chan *memberlist.Packet
	streams chan net.Conn
	once    sync.Once
	gone    chan struct{}

	mu   sync.Mutex
	dead bool                 // nothing goes in or out
	held chan struct{}        // it stands still until this is closed; nil: it does not
	slow func() time.Duration // how late whatever arrives is read; nil: at once
}

// kill takes the node off the network.
func (t *transport) kill() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.dead = true
}

// hold stops the handling of messages, in and out, as Lifeguard's anomalies do (section V);
// timers go on. release ends it.
func (t *transport) hold() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.held = make(chan struct{})
}

func (t *transport) release() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.held != nil {
		close(t.held)
		t.held = nil
	}
}

// pass waits until messages go in or out, and reports false if they never will.
func (t *transport) pass() bool {
	t.mu.Lock()
	dead, held := t.dead, t.held
	t.mu.Unlock()
	if held != nil {
		select {
		case <-held:
		case <-t.gone:
			return false
		}
	}
	return !dead
}

func (t *transport) lateness() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.slow == nil {
		return 0
	}
	return t.slow()
}

// WriteTo sends a packet, which arrives after its latency, when the receiver handles it.
func (t *transport) WriteTo(b []byte, addr string) (time.Time, error) {
	if !t.pass() {
		return time.Now(), nil
	}
	to := t.peers.ports[addr]
	if to == nil {
		return time.Now(), nil
	}
	packet := &memberlist.Packet{Buf: append([]byte(nil), b...), From: addressOf(t.addr)}
	go func() {
		time.Sleep(t.peers.latency() + to.lateness())
		if !to.pass() {
			return
		}
		packet.Timestamp = time.Now()
		select {
		case to.packets <- packet:
		case <-to.gone:
		default: // its buffer is full
		}
	}()
	return time.Now(), nil
}

// DialTimeout opens a stream: refused by the dead, late to whoever stands still.
func (t *transport) DialTimeout(addr string, timeout time.Duration) (net.Conn, error) {
	to := t.peers.ports[addr]
	if to == nil || !t.pass() {
		return nil, fmt.Errorf("dial %s: refused", addr)
	}
	to.mu.Lock()
	dead, held := to.dead, to.held
	to.mu.Unlock()
	if dead {
		return nil, fmt.Errorf("dial %s: refused", addr)
	}
	if held != nil {
		select {
		case <-held:
		case <-time.After(timeout):
			return nil, fmt.Errorf("dial %s: timed out", addr)
		}
	}
	time.Sleep(t.peers.latency() + to.lateness())
	here, there := net.Pipe()
	select {
	case to.streams <- there:
		return here, nil
	case <-to.gone:
		return nil, fmt.Errorf("dial %s: refused", addr)
	}
}

func (t *transport) FinalAdvertiseAddr(string, int) (net.IP, int, error) {
	a := addressOf(t.addr)
	return a.IP, a.Port, nil
}

func (t *transport) PacketCh() <-chan *memberlist.Packet { return t.packets }

func (t *transport) StreamCh() <-chan net.Conn { return t.streams }

func (t *transport) Shutdown() error {
	t.once.Do(func() { close(t.gone) })
	return nil
}

func addressOf(addr string) *net.UDPAddr {
	a, _ := net.ResolveUDPAddr("udp", addr) // always host:port, in numbers
	return a
}
