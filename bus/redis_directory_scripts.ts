/** What bus/redis_directory.ts runs in Redis, by Redis's own clock. Each script has one key, so any cluster takes it. */

/** How many leases what a dead gateway said is kept. */
export const BURY_KEEP_LEASES = 5;

const NOW = `
local now = redis.call('TIME')
now = now[1] * 1000 + math.floor(now[2] / 1000)`;

/** A gateway's hash; how long to keep it. 0: it is gone. */
export const RENEW = `
if redis.call('HEXISTS', KEYS[1], 'whole') == 0 then return 0 end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1`;

/** A gateway's hash; how long to keep it, whether to make it, then user, sessions, … (`-`: none). 0: it is gone. */
export const WRITE = `
if ARGV[2] == '0' and redis.call('HEXISTS', KEYS[1], 'whole') == 0 then return 0 end
for i = 3, #ARGV, 2 do
  if ARGV[i + 1] == '-' then redis.call('HDEL', KEYS[1], ARGV[i])
  else redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
end
redis.call('PEXPIRE', KEYS[1], ARGV[1])
return 1`;

/** The list of gateways; a gateway, its lease. Answers the live ones with the time they have left, and the dead ones. */
export const BEAT = `${NOW}
redis.call('HSETNX', KEYS[1], 'born', string.format('%.0f', now))
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', now + ARGV[2]))
redis.call('PEXPIRE', KEYS[1], ARGV[2] * ${BURY_KEEP_LEASES})
local all, live, gone = redis.call('HGETALL', KEYS[1]), {}, {}
for i = 1, #all, 2 do
  if all[i] ~= 'born' then
    local left = tonumber(all[i + 1]) - now
    if left > 0 then
      live[#live + 1] = all[i]
      live[#live + 1] = left
    else
      redis.call('HDEL', KEYS[1], all[i])
      gone[#gone + 1] = all[i]
    end
  end
end
return {live, gone}`;

/** The list of gateways. Answers how long it has been there, and the live ones. */
export const LIVE = `${NOW}
local all, live, age = redis.call('HGETALL', KEYS[1]), {}, 0
for i = 1, #all, 2 do
  if all[i] == 'born' then age = now - all[i + 1]
  elseif tonumber(all[i + 1]) > now then live[#live + 1] = all[i] end
end
return {age, live}`;
