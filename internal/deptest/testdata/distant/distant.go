// Package distant has gRPC, zap, protobuf, net and context through a harmless name.
package distant

import "github.com/swimpair/swim/internal/rpc"

var Pool *rpc.Pool
