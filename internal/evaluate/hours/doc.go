// Package hours measures detection the way a network would show it: hours of ordinary traffic
// are made of a folder of captures, and each attack of another folder is placed in each hour.
//
// Every seed makes one hour. Captures are drawn, each is placed for several hosts (private
// IPv4 addresses are renamed per capture and host) and several times an hour at its own
// pace, because people and machines repeat what they do. Attacks start at 60 % of the hour and
// keep their addresses. The frames pass through the loop of the sensor (decode, conntrack) and
// one engine pipeline. The state of the pipeline when attacks start is the same for all attacks
// of a seed, so the hour is scored once, and each attack continues from a snapshot until
// Config.After its end. Each attack has its own connection table.
//
// Seeds and attacks run in parallel, one per CPU; each run is deterministic and belongs to one
// goroutine. Memory holds the captures and the packets of all hours: about 150 bytes a packet.
package hours
