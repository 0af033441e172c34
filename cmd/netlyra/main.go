// Command netlyra watches packets and tells which traffic is unlike the rest. What
// it can do is in package cli.
package main

import (
	"os"

	"github.com/netlyra/netlyra/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
