package paper

import (
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	hashicorp "github.com/hashicorp/memberlist"
)

// peers is a cluster of real memberlist nodes over a network in memory. It lives in a bubble
// of testing/synctest: its time is virtual, its code is the released one.
type peers struct {
	started time.Time

	mu      sync.Mutex
	rng     *rand.Rand
	ports   map[string]*transport
	nodes   []*hashicorp.Memberlist
	changes []change
	sent    uint64
}

// startPeers starts n nodes with LAN defaults, which join through the first.
func startPeers(n int, seed uint64) (*peers, error) {
	p := &peers{rng: rand.New(rand.NewPCG(seed, 0)), started: time.Now(), ports: map[string]*transport{}}
	for i := range n {
		m, err := p.create()
		if err != nil {
			return nil, err
		}
		if i > 0 {
			if err := p.admit(m); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

// create starts one more node, on its own.
func (p *peers) create() (*hashicorp.Memberlist, error) {
	p.mu.Lock()
	i := len(p.ports)
	t := &transport{
		peers: p, addr: addrOf(i),
		packets: make(chan *hashicorp.Packet, 4096), streams: make(chan net.Conn, 64), gone: make(chan struct{}),
	}
	p.ports[t.addr] = t
	p.mu.Unlock()

	cfg := hashicorp.DefaultLANConfig()
	host, _, _ := net.SplitHostPort(t.addr)
	cfg.Name, cfg.BindAddr, cfg.AdvertiseAddr = strconv.Itoa(i), host, host
	cfg.Transport, cfg.Events = t, &observer{peers: p, self: i}
	cfg.Logger = log.New(io.Discard, "", 0)
	m, err := hashicorp.Create(cfg)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.nodes = append(p.nodes, m)
	return m, nil
}

// admit joins a node through the first.
func (p *peers) admit(m *hashicorp.Memberlist) error {
	_, err := m.Join([]string{addrOf(0)})
	return err
}

// formed reports whether every node knows all.
func (p *peers) formed() bool {
	for _, m := range p.nodes {
		if m.NumMembers() != len(p.nodes) {
			return false
		}
	}
	return true
}

// stop ends all nodes, and waits until whatever they had begun has timed out.
func (p *peers) stop() {
	for _, m := range p.nodes {
		_ = m.Shutdown()
	}
	time.Sleep(2 * time.Minute)
}

func (p *peers) port(i int) *transport { return p.at(addrOf(i)) }

func (p *peers) at(addr string) *transport {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ports[addr]
}

// addrOf is the address of the node with that number.
func addrOf(i int) string { return fmt.Sprintf("10.0.%d.%d:7946", i/250, 1+i%250) }

// drops reports whether one message from a port to another gets lost, and counts it.
func (p *peers) drops(from, to *transport) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sent++
	return p.rng.Float64() < from.loss[egress] || p.rng.Float64() < to.loss[ingress]
}

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

func (o *observer) NotifyJoin(n *hashicorp.Node)  { o.note(n, true) }
func (o *observer) NotifyLeave(n *hashicorp.Node) { o.note(n, false) }
func (o *observer) NotifyUpdate(*hashicorp.Node)  {}

func (o *observer) note(n *hashicorp.Node, live bool) {
	subject, err := strconv.Atoi(n.Name)
	if err != nil {
		panic(err) // the rig's names are numbers
	}
	if subject == o.self || o.peers.port(o.self).isDead() { // nobody hears the dead
		return
	}
	o.peers.mu.Lock()
	defer o.peers.mu.Unlock()
	o.peers.changes = append(o.peers.changes, change{
		at: time.Since(o.peers.started), observer: o.self, subject: subject, live: live,
	})
}

// transport is one node's network.
type transport struct {
	peers   *peers
	addr    string
	packets chan *hashicorp.Packet
	streams chan net.Conn
	once    sync.Once
	gone    chan struct{}
	pinged  atomic.Uint64 // packets that were sent to it
	loss    [2]float64    // by direction; guarded by peers.mu

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

func (t *transport) isDead() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.dead
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
	to := t.peers.at(addr)
	if to == nil {
		return time.Now(), nil
	}
	to.pinged.Add(1)
	if t.peers.drops(t, to) {
		return time.Now(), nil
	}
	packet := &hashicorp.Packet{Buf: append([]byte(nil), b...), From: addressOf(t.addr)}
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

// DialTimeout opens a stream. Whoever is dead or stands still says nothing, and a lost
// segment of the handshake is sent again after 1 s, 2 s and so on (RFC 6298).
func (t *transport) DialTimeout(addr string, timeout time.Duration) (net.Conn, error) {
	to := t.peers.at(addr)
	if to == nil || !t.pass() {
		return nil, fmt.Errorf("dial %s: refused", addr)
	}
	late := fmt.Errorf("dial %s: %w", addr, os.ErrDeadlineExceeded)
	deadline := time.Now().Add(timeout)
	for again := time.Second; t.peers.drops(t, to) || t.peers.drops(to, t); again *= 2 {
		if !sleepUntil(time.Now().Add(again), deadline) {
			return nil, late
		}
	}
	if !to.open(deadline) {
		return nil, late
	}
	time.Sleep(t.peers.latency() + to.lateness())
	here, there := net.Pipe()
	select {
	case to.streams <- &stream{Conn: there, from: to, to: t}:
		return &stream{Conn: here, from: t, to: to}, nil
	case <-to.gone:
		return nil, fmt.Errorf("dial %s: refused", addr)
	}
}

// open waits until the port takes a connection, and reports false if it does not in time.
func (t *transport) open(deadline time.Time) bool {
	t.mu.Lock()
	dead, held := t.dead, t.held
	t.mu.Unlock()
	if dead {
		time.Sleep(time.Until(deadline))
		return false
	}
	if held == nil {
		return true
	}
	select {
	case <-held:
		return true
	case <-time.After(time.Until(deadline)):
		return false
	}
}

// sleepUntil reports false if the deadline, which may be zero, came first.
func sleepUntil(at, deadline time.Time) bool {
	inTime := deadline.IsZero() || at.Before(deadline)
	if !inTime {
		at = deadline
	}
	time.Sleep(time.Until(at))
	return inTime
}

// stream is one end of a connection. A lost segment comes late, not never: it is sent again
// after 200 ms, 400 ms and so on, as TCP does in a network as fast as this.
type stream struct {
	net.Conn
	from, to *transport
	deadline atomic.Pointer[time.Time]
}

// SetDeadline is the only one of its kind that memberlist calls.
func (s *stream) SetDeadline(at time.Time) error {
	s.deadline.Store(&at)
	return s.Conn.SetDeadline(at)
}

func (s *stream) Write(b []byte) (int, error) {
	var deadline time.Time
	if at := s.deadline.Load(); at != nil {
		deadline = *at
	}
	for again := 200 * time.Millisecond; s.from.peers.drops(s.from, s.to); again *= 2 {
		if again > time.Minute || !sleepUntil(time.Now().Add(again), deadline) {
			return 0, os.ErrDeadlineExceeded
		}
	}
	return s.Conn.Write(b)
}

func (t *transport) FinalAdvertiseAddr(string, int) (net.IP, int, error) {
	a := addressOf(t.addr)
	return a.IP, a.Port, nil
}

func (t *transport) PacketCh() <-chan *hashicorp.Packet { return t.packets }

func (t *transport) StreamCh() <-chan net.Conn { return t.streams }

func (t *transport) Shutdown() error {
	t.once.Do(func() { close(t.gone) })
	return nil
}

func addressOf(addr string) *net.UDPAddr {
	a, _ := net.ResolveUDPAddr("udp", addr) // always host:port, in numbers
	return a
}
