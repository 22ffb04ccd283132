package shared

import "github.com/valkey-io/valkey-go"

// ledgerScript begins each script of a ledger. It drops what is too old, and
// reads the members. Calls has the time of each call, numbers its number. State
// has the number of the last call, the count of calls, the members, and the time
// of its creation. Numbers begin with that time, so that a member that knows a
// lower one has not merged since then. A count that is wrong means that the server has lost keys:
// then the ledger is created again, without members.
const ledgerScript = nowScript + `
local calls, numbers, state, pause = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local minuteWindow, hourWindow = tonumber(ARGV[1]), tonumber(ARGV[2])
local self, known, shares = ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])

local count = tonumber(redis.call('HGET', state, 'count'))
if count ~= redis.call('ZCARD', calls) or count ~= redis.call('ZCARD', numbers) then
	redis.call('DEL', calls, numbers, state)
	local text = string.format('%.0f', now)
	redis.call('HSET', state, 'last', text, 'created', text)
end
for _, id in ipairs(redis.call('ZRANGEBYSCORE', calls, '-inf', now - hourWindow)) do
	redis.call('ZREM', calls, id)
	redis.call('ZREM', numbers, id)
end
local last = tonumber(redis.call('HGET', state, 'last'))
local created = tonumber(redis.call('HGET', state, 'created'))

local others, mine = {}, nil
local fields = redis.call('HGETALL', state)
for i = 1, #fields, 2 do
	local name = string.match(fields[i], '^member:(.*)')
	if name then
		local contact, memberKnown, memberShares = string.match(fields[i + 1], '^(%d+) (%d+) (%d+)$')
		local member = {
			name = name, contact = tonumber(contact), known = tonumber(memberKnown), shares = tonumber(memberShares),
		}
		member.late = member.contact < now - ` + lateAfter + `
		if member.contact < now - hourWindow then
			redis.call('HDEL', state, fields[i])
		elseif name == self then
			mine = member
		else
			table.insert(others, member)
		end
	end
end

local function saveMember(name, contact, known, shares)
	redis.call('HSET', state, 'member:' .. name, string.format('%.0f %.0f %.0f', contact, known, shares))
end

local function save()
	redis.call('HSET', state, 'last', string.format('%.0f', last), 'count', redis.call('ZCARD', calls))
	for _, key in ipairs({calls, numbers, state}) do
		redis.call('PEXPIRE', key, math.ceil(hourWindow / 1000))
	end
end

-- the number up to which each other member with a share has all calls
local function confirmed()
	local least = last
	for _, other in ipairs(others) do
		if other.shares > 0 then
			least = math.min(least, other.known)
		end
	end
	return least
end

-- how much an own call weighs: all shares, less those of the members that have confirmed it
local function weightOf(number)
	local rest = 1
	for _, other in ipairs(others) do
		if other.shares > 0 and other.known >= number then
			rest = rest - 1 / other.shares
		end
	end
	return math.max(math.ceil(rest * shares - 1e-6), 1)
end

-- whether a member that is in contact has not confirmed all calls
local function pending()
	for _, other in ipairs(others) do
		if other.known < last and not other.late then
			return true
		end
	end
	return false
end

local function record(id, at)
	last = last + 1
	redis.call('ZADD', calls, at, id)
	redis.call('ZADD', numbers, last, id)
end
save()
`

const (
	// lateAfter is the microseconds without contact after which the others no
	// longer wait for a member.
	lateAfter = "5000000"
	// settleTime is the microseconds in which all members come back to a ledger
	// that was created again.
	settleTime = "5000000"
	// retryTime is the microseconds until the other members have confirmed new
	// calls.
	retryTime = "200000"
)

// enterScript records a call and returns its number and 0, or returns 0 and the
// microseconds until a retry may succeed. It returns nothing to a member that
// it does not know. A call at t counts in a window of length w until t+w,
// exclusive.
//
// A call that another member may not know weighs more than one:
// see [Ledger.Enter].
var enterScript = valkey.NewLuaScript(ledgerScript + `
local id, channel, message = ARGV[6], ARGV[7], ARGV[8]
local windows = {
	{length = minuteWindow, most = tonumber(ARGV[9]), limit = tonumber(ARGV[10])},
	{length = hourWindow, most = tonumber(ARGV[11]), limit = tonumber(ARGV[12])},
}
if not mine or known < created then
	return {}
end
shares = shares == 0 and 0 or math.max(shares, mine.shares)
saveMember(self, now, math.max(known, mine.known), mine.shares)
local number = redis.call('ZSCORE', numbers, id)
if number then
	return {tonumber(number), 0}
end

-- the time until the calls in a window weigh so little that a new one fits
local function untilRoom(window, limit, weightOfNew, weigh)
	local since = string.format('(%.0f', now - window.length)
	local inside = redis.call('ZRANGEBYSCORE', calls, since, '+inf', 'WITHSCORES')
	local excess = weightOfNew - limit
	for i = 1, #inside, 2 do
		excess = excess + weigh(inside[i])
	end
	for i = 1, #inside, 2 do
		if excess <= 0 then
			break
		end
		excess = excess - weigh(inside[i])
		if excess <= 0 then
			return inside[i + 1] + window.length - now
		end
	end
	return excess > 0 and window.length or 0
end

local function one() return 1 end

local wait = 0
for _, window in ipairs(windows) do
	window.count = redis.call('ZCOUNT', calls, string.format('(%.0f', now - window.length), '+inf')
	if window.count >= window.most then
		wait = math.max(wait, untilRoom(window, window.most, 1, one))
	end
end
local left = redis.call('PTTL', pause)
if left >= 0 then
	wait = math.max(wait, (left + 1) * 1000)
end
if wait > 0 then
	return {0, wait}
end
if shares == 0 then
	return {0, ` + retryTime + `}
end

local common = confirmed()
if common < last then
	local weights = {} -- of own calls that another member may not know
	local since = string.format('(%.0f', common)
	local latest = redis.call('ZRANGEBYSCORE', numbers, since, '+inf', 'WITHSCORES')
	for i = 1, #latest, 2 do
		if string.find(latest[i], self, 1, true) then
			weights[latest[i]] = weightOf(tonumber(latest[i + 1]))
		end
	end
	local function weigh(call) return weights[call] or 1 end
	for _, window in ipairs(windows) do
		local weight = window.count + shares
		for own, weightOfOwn in pairs(weights) do
			if tonumber(redis.call('ZSCORE', calls, own)) > now - window.length then
				weight = weight + weightOfOwn - 1
			end
		end
		if weight > window.limit then
			wait = math.max(wait, untilRoom(window, window.limit, shares, weigh))
		end
	end
end
if wait > 0 then
	return {0, pending() and ` + retryTime + ` or wait}
end
record(id, now)
save()
redis.call('PUBLISH', channel, message)
return {last, 0}
`)
