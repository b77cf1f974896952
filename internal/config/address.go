package config

import (
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// address is a host and a port. The host is kept as written: names are looked up when they
// are dialled, not here.
type address struct {
	host string
	port int
}

func (a address) String() string { return net.JoinHostPort(a.host, strconv.Itoa(a.port)) }

// key is equal for addresses that are the same place, as far as that shows without a
// look-up.
func (a address) key() address { return address{host: hostKey(a.host), port: a.port} }

// hostKey writes a host in one way only.
func hostKey(host string) string {
	name := strings.ToLower(strings.TrimSuffix(host, "."))
	if name == "localhost" {
		return "127.0.0.1"
	}
	if ip, err := netip.ParseAddr(name); err == nil {
		return ip.Unmap().String()
	}
	return name
}

// specific tells a host that can be dialled from "", 0.0.0.0 and ::, which only can be
// listened on.
func specific(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host != "" && (err != nil || !ip.Unmap().IsUnspecified())
}

// loopback reports whether the host is this machine by its very name.
func loopback(host string) bool {
	ip, err := netip.ParseAddr(hostKey(host))
	return err == nil && ip.IsLoopback()
}

// peerAddress understands an address to dial. If it cannot, it returns what is wrong and
// what to write instead, with the port of example.
func peerAddress(text string, example int) (a address, problem, cure string) {
	if strings.Contains(text, "://") {
		return address{}, "is a URL", fmt.Sprintf("write host:port alone, e.g. node1:%d", example)
	}
	host, portText, err := net.SplitHostPort(text)
	if err != nil {
		problem, cure = whyNoPort(text, example)
		return address{}, problem, cure
	}
	if problem = hostProblem(host); problem != "" {
		return address{}, problem, fmt.Sprintf("write the name or IP address of the node before the port, e.g. node1:%d", example)
	}
	port, problem := decimal(portText, 1, 65535)
	if problem != "" {
		return address{}, fmt.Sprintf("has the port %q, which is %s", portText, problem),
			"write the port as a number from 1 to 65535, e.g. " + address{host, example}.String()
	}
	return address{host, port}, "", ""
}

// whyNoPort explains a text that cannot be split into host and port.
func whyNoPort(text string, example int) (problem, cure string) {
	if strings.ContainsAny(text, " ;\t\n") {
		return "is more than one address", "separate addresses by commas"
	}
	bare := strings.Trim(text, "[]")
	if ip, err := netip.ParseAddr(bare); err == nil || !strings.Contains(text, ":") {
		if err == nil {
			bare = ip.String()
		}
		return "has no port", "write " + address{bare, example}.String()
	}
	return "is not host:port",
		fmt.Sprintf("write e.g. node1:%d, and an IPv6 address in brackets, e.g. [::1]:%d", example, example)
}

// hostName is looser than the rules for host names: container names may have underscores.
var hostName = regexp.MustCompile(`^[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_.])?$`)

// numericEnd matches a name that somebody meant to be an IPv4 address, as 10.0.0.256.
var numericEnd = regexp.MustCompile(`\.[0-9]+$`)

// hostProblem says why nobody can dial host; "" when that may work.
func hostProblem(host string) string {
	ip, err := netip.ParseAddr(host)
	switch {
	case host == "":
		return "names no host"
	case err == nil && ip.Zone() != "":
		return "has an IPv6 zone, which means something on one machine only"
	case err == nil && ip.Unmap().IsUnspecified():
		return "names no host: " + host + " can be listened on, not dialled"
	case err == nil && ip.Unmap().IsMulticast():
		return "is a multicast address"
	case err == nil:
		return ""
	case len(host) > 253, numericEnd.MatchString(host), !hostName.MatchString(host):
		return fmt.Sprintf("names %q, which is neither an IP address nor a host name", host)
	}
	return ""
}

// listenAddress understands an address to listen on: the host may be left out.
func listenAddress(text string) (a address, problem string) {
	host, portText, err := net.SplitHostPort(text)
	if err != nil {
		return address{}, "is not host:port"
	}
	if specific(host) {
		if problem = hostProblem(host); problem != "" {
			return address{}, problem
		}
	}
	port, problem := decimal(portText, 1, 65535)
	if problem != "" {
		return address{}, fmt.Sprintf("has the port %q, which is %s", portText, problem)
	}
	return address{host, port}, ""
}
