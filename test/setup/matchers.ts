import { reviewSnapshot } from './review-snapshot';

expect.addSnapshotSerializer(reviewSnapshot);
