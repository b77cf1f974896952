package rpc

import (
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// transport is the one place where it is decided how connections are secured, for both
// directions: a server and a client that disagree cannot talk.
func transport() credentials.TransportCredentials { return insecure.NewCredentials() }
