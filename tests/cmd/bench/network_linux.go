package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// inside marks the process that has been started in its own network.
const inside = "BENCH_OWN_NETWORK"

// ownNetwork starts this program again in a network namespace that nobody else uses, and returns
// its exit code: then the loopback counters are those of the clusters, and no address is taken.
// The program so started gets started == false, as does one that may not make a namespace.
func ownNetwork() (code int, started bool, err error) {
	if os.Getenv(inside) != "" {
		return 0, false, raiseLoopback()
	}
	self, err := os.Executable()
	if err != nil {
		return 0, false, err
	}
	cmd := exec.Command(self, os.Args[1:]...)
	cmd.Env = append(os.Environ(), inside+"=1")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = namespace()
	asked := make(chan os.Signal, 1)
	signal.Notify(asked, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(asked)
	if err := cmd.Start(); err != nil {
		return 0, false, fmt.Errorf("no network of its own: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for {
		select {
		case s := <-asked: // a Ctrl-C has reached it already, and twice does no harm
			_ = cmd.Process.Signal(s)
		case err := <-ended:
			if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
				return 1, true, err
			}
			return max(cmd.ProcessState.ExitCode(), 0), true, nil
		}
	}
}

// namespace asks for a new network; who is not root needs to be root of a new user namespace.
func namespace() *syscall.SysProcAttr {
	attributes := &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Cloneflags: syscall.CLONE_NEWNET}
	if uid, gid := os.Getuid(), os.Getgid(); uid != 0 {
		attributes.Cloneflags |= syscall.CLONE_NEWUSER
		attributes.UidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: uid, Size: 1}}
		attributes.GidMappings = []syscall.SysProcIDMap{{ContainerID: 0, HostID: gid, Size: 1}}
	}
	return attributes
}

// raiseLoopback: in a new namespace it is down.
func raiseLoopback() error {
	socket, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(socket)
	loopback, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	loopback.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	if err := unix.IoctlIfreq(socket, unix.SIOCSIFFLAGS, loopback); err != nil {
		return fmt.Errorf("cannot raise the loopback interface: %w", err)
	}
	return nil
}
