package config

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// Lookups are the questions that only this machine's network can answer.
type Lookups struct {
	// Resolve a host name or the text of an IP address.
	Resolve func(ctx context.Context, host string) ([]netip.Addr, error)
	// Interfaces are the addresses of this machine's network interfaces.
	Interfaces func() ([]netip.Addr, error)
	// Route is the local address from which packets to a host:port would leave.
	Route func(ctx context.Context, address string) (netip.Addr, error)
}

// SystemLookups ask this machine.
func SystemLookups() Lookups {
	return Lookups{Resolve: resolve, Interfaces: interfaces, Route: route}
}

// lookupTime bounds all look-ups of one AdvertiseHost: a silent name server must not keep
// the node from starting.
const lookupTime = 2 * time.Second

// AdvertiseHost finds the host at which the other nodes dial both halves of this one, in the
// order that docs/CONFIG.md gives. own says that it is an address of this very machine, so
// that a refused connection there comes from this node's own kernel.
//
// It fails only when MEMBERS has several entries on this machine with this node's detector
// port, with a Faults. A look-up that fails counts as no answer.
func AdvertiseHost(ctx context.Context, cfg Config, l Lookups) (host string, own bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, lookupTime)
	defer cancel()
	local, _ := l.Interfaces() // without an answer only loopback addresses are known to be ours

	host = cfg.configuredHost()
	if host == "" {
		host, err = cfg.hostInMembers(ctx, l, local)
	}
	if err != nil {
		return "", false, err
	}
	if host == "" {
		host = cfg.guessedHost(ctx, l, local)
	}
	return host, isOwn(ctx, l, local, host), nil
}

// configuredHost is the host that the environment states; "" when it leaves it open.
func (c Config) configuredHost() string {
	if c.AdvertiseHost != "" {
		return c.AdvertiseHost
	}
	for _, listen := range []string{c.DetectorAddr, c.DisseminatorAddr} {
		if host := splitAddress(listen).host; specific(host) {
			return host
		}
	}
	return ""
}

// hostInMembers is the host under which the others know this node, if MEMBERS has it.
func (c Config) hostInMembers(ctx context.Context, l Lookups, local []netip.Addr) (string, error) {
	var candidates []string
	for _, m := range c.Members {
		if a := splitAddress(m); a.port == c.DetectorPort() {
			candidates = append(candidates, a.host)
		}
	}
	if len(candidates) == 1 {
		return candidates[0], nil
	}
	candidates = slices.DeleteFunc(candidates, func(host string) bool { return !isOwn(ctx, l, local, host) })
	switch len(candidates) {
	case 0:
		return "", nil
	case 1:
		return candidates[0], nil
	}
	return "", Faults{{
		Variable: "MEMBERS",
		Value:    strings.Join(c.Members, ","),
		Problem:  "cannot tell which entry is this node: " + strings.Join(candidates, " and ") + " are both this machine, with this node's detector port",
		Cure:     "set SWIM_DETECTOR_ADDR and SWIM_DISSEMINATOR_ADDR with this node's address, or SWIM_ADVERTISE_HOST",
	}}
}

// guessedHost is the address that this machine shows to the others.
func (c Config) guessedHost(ctx context.Context, l Lookups, local []netip.Addr) string {
	for _, peer := range slices.Concat(c.BootstrapAddresses, c.Members) {
		if ip, err := l.Route(ctx, peer); err == nil && (ip.IsGlobalUnicast() || ip.IsLoopback()) {
			return ip.Unmap().String()
		}
	}
	for _, ip := range local {
		if ip.IsGlobalUnicast() {
			return ip.String()
		}
	}
	return "127.0.0.1"
}

func isOwn(ctx context.Context, l Lookups, local []netip.Addr, host string) bool {
	ips, err := l.Resolve(ctx, host)
	return err == nil && slices.ContainsFunc(ips, func(ip netip.Addr) bool {
		ip = ip.Unmap()
		return ip.IsLoopback() || slices.Contains(local, ip)
	})
}

func resolve(ctx context.Context, host string) ([]netip.Addr, error) {
	return net.DefaultResolver.LookupNetIP(ctx, "ip", host)
}

func interfaces() ([]netip.Addr, error) {
	addrs, err := net.InterfaceAddrs()
	var ips []netip.Addr
	for _, a := range addrs {
		if p, err := netip.ParsePrefix(a.String()); err == nil {
			ips = append(ips, p.Addr().Unmap())
		}
	}
	return ips, err
}

// route connects a UDP socket, which sends nothing, and looks at its own end.
func route(ctx context.Context, address string) (netip.Addr, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "udp", address)
	if err != nil {
		return netip.Addr{}, err
	}
	defer conn.Close()
	local, err := netip.ParseAddrPort(conn.LocalAddr().String())
	return local.Addr(), err
}
