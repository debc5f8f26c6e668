throw new RangeError('no licence for this machine')
