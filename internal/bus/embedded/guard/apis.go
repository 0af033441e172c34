package guard

import "github.com/twmb/franz-go/pkg/kmsg"

const (
	small  = 64 << 10 // requests with a few names
	medium = 1 << 20  // requests with lists or metadata of members
)

// apis are the accepted requests, by key: those that producers, consumers and common tools
// need. Other requests that kfake implements (share groups, quotas, access lists,
// credentials, telemetry, reassignment, the newer consumer protocol) are not reported to
// clients and are refused. A test compares the table with kfake and kmsg.
var apis = map[int16]*api{
	// In version 13 kfake panics on two unknown topic ids with the same partition.
	int16(kmsg.Produce):     {min: 3, max: 12, flexible: 9, fields: compile("X? A i [ s [ i R? ] ]")},
	int16(kmsg.Fetch):       {min: 4, max: 18, flexible: 12, bytes: medium, fields: compile("i@-14 W i M b N@7+ E@7+ [ s@-12 u@13+ [ i i@9+ l i@12+ l@5+ i ] ] [@7+ s@-12 u@13+ i[] ] s@11+")},
	int16(kmsg.ListOffsets): {min: 1, max: 10, flexible: 6, bytes: medium, fields: compile("i b@2+ [ s [ i i@4+ l ] ] i@10+")},
	int16(kmsg.Metadata):    {min: 0, max: 13, flexible: 9, bytes: medium, fields: compile("[? u@10+ s@-9 s?@10+ ] b@4+ b@8-10 b@8+")},

	int16(kmsg.OffsetCommit):         {min: 2, max: 10, flexible: 8, bytes: medium, fields: compile("G i s s?@7+ l@-4 [ s@-9 u@10+ [ i l i@6+ s? ] ]")},
	int16(kmsg.OffsetFetch):          {min: 1, max: 10, flexible: 6, bytes: medium, fields: compile("s@-7 [?@-7 s i[] ] [@8+ s s?@9+ i@9+ [? s@-9 u@10+ i[] ] ] b@7+")},
	int16(kmsg.FindCoordinator):      {min: 0, max: 6, flexible: 3, bytes: small, fields: compile("s@-3 b@1+ s[]@4+")},
	int16(kmsg.JoinGroup):            {min: 0, max: 9, flexible: 6, bytes: medium, fields: compile("G i i@1+ s s?@5+ s [ s y ] s?@8+")},
	int16(kmsg.Heartbeat):            {min: 0, max: 4, flexible: 4, bytes: small, fields: compile("s i s s?@3+")},
	int16(kmsg.LeaveGroup):           {min: 0, max: 5, flexible: 4, bytes: small, fields: compile("s s@-2 [@3+ s s? s?@5+ ]")},
	int16(kmsg.SyncGroup):            {min: 0, max: 5, flexible: 4, bytes: medium, fields: compile("s i s s?@3+ s?@5+ s?@5+ [ s y ]")},
	int16(kmsg.DescribeGroups):       {min: 0, max: 6, flexible: 5, bytes: small, fields: compile("s[] b@3+")},
	int16(kmsg.ListGroups):           {min: 0, max: 5, flexible: 3, bytes: small, fields: compile("s[]@4+ s[]@5+")},
	int16(kmsg.DeleteGroups):         {min: 0, max: 2, flexible: 2, bytes: small, fields: compile("s[]")},
	int16(kmsg.OffsetDelete):         {min: 0, max: 0, flexible: noVersion, bytes: small, fields: compile("s [ s [ i ] ]")},
	int16(kmsg.OffsetForLeaderEpoch): {min: 3, max: 4, flexible: 4, bytes: medium, fields: compile("i [ s [ i i i ] ]")},

	int16(kmsg.SASLHandshake):    {min: 1, max: 1, flexible: noVersion, bytes: small, fields: compile("s")},
	int16(kmsg.SASLAuthenticate): {min: 0, max: 2, flexible: 2, bytes: small, fields: compile("y")},
	int16(kmsg.ApiVersions):      {min: 0, max: 5, flexible: 3, bytes: small, fields: compile("s@3+ s@3+ s?@5+ i@5+")},

	int16(kmsg.InitProducerID):       {min: 0, max: 5, flexible: 2, bytes: small, fields: compile("X? i l@3+ h@3+")},
	int16(kmsg.AddPartitionsToTxn):   {min: 0, max: 3, flexible: 3, bytes: medium, fields: compile("s l h [ s i[] ]")},
	int16(kmsg.AddOffsetsToTxn):      {min: 0, max: 4, flexible: 3, bytes: small, fields: compile("s l h G")},
	int16(kmsg.EndTxn):               {min: 0, max: 5, flexible: 3, bytes: small, fields: compile("s l h b")},
	int16(kmsg.TxnOffsetCommit):      {min: 0, max: 5, flexible: 3, bytes: medium, fields: compile("s G l h i@3+ s@3+ s?@3+ [ s [ i l i@2+ s? ] ]")},
	int16(kmsg.DescribeProducers):    {min: 0, max: 0, flexible: 0, bytes: small, fields: compile("[ s i[] ]")},
	int16(kmsg.DescribeTransactions): {min: 0, max: 0, flexible: 0, bytes: small, fields: compile("s[]")},
	int16(kmsg.ListTransactions):     {min: 0, max: 1, flexible: 0, bytes: small, fields: compile("s[] l[] l@1+")},

	int16(kmsg.CreateTopics):            {min: 0, max: 7, flexible: 5, bytes: small, fields: compile("[ s i h [ i i[] ] [ s s? ] ] i b@1+")},
	int16(kmsg.DeleteTopics):            {min: 0, max: 6, flexible: 4, bytes: small, fields: compile("s[]@-5 [@6+ s? u ] i")},
	int16(kmsg.DeleteRecords):           {min: 0, max: 2, flexible: 2, bytes: small, fields: compile("[ s [ i l ] ] i")},
	int16(kmsg.CreatePartitions):        {min: 0, max: 3, flexible: 2, bytes: small, fields: compile("[ s i [? i[] ] ] i b")},
	int16(kmsg.DescribeConfigs):         {min: 0, max: 4, flexible: 4, bytes: small, fields: compile("[ b s s[]? ] b@1+ b@3+")},
	int16(kmsg.AlterConfigs):            {min: 0, max: 2, flexible: 2, bytes: small, fields: compile("[ b s [ s s? ] ] b")},
	int16(kmsg.IncrementalAlterConfigs): {min: 0, max: 1, flexible: 1, bytes: small, fields: compile("[ b s [ s b s? ] ] b")},
	int16(kmsg.DescribeLogDirs):         {min: 0, max: 4, flexible: 2, bytes: small, fields: compile("[? s i[] ]")},
	int16(kmsg.DescribeCluster):         {min: 0, max: 2, flexible: 0, bytes: small, fields: compile("b b@1+ b@2+")},
}

func init() {
	for key, a := range apis {
		a.name = kmsg.NameForKey(key)
	}
}

// Versions returns the minimum and maximum version of each accepted request, by key.
func Versions() map[int16][2]int16 {
	v := make(map[int16][2]int16, len(apis))
	for key, a := range apis {
		v[key] = [2]int16{a.min, a.max}
	}
	return v
}
